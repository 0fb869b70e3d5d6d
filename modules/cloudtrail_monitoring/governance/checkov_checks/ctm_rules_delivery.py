"""The rules of delivery: R-DEL-1 and R-DEL-2."""

from typing import TYPE_CHECKING

if TYPE_CHECKING or __package__:
    from cloudtrail_monitoring.governance.checkov_checks.ctm_rule import TERRAFORM_DOCS, Rule
else:
    from ctm_rule import TERRAFORM_DOCS, Rule

DELIVERY_RULES = (
    Rule(
        "CKV_CTM_DEL_1",
        "R-DEL-1",
        "the AWS provider refuses every account but the environment's",
        "With the wrong credentials in the shell, dev's settings would be applied to prod.",
        "Set allowed_account_ids on each provider block.",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs#allowed_account_ids",
    ),
    Rule(
        "CKV2_CTM_DEL_2",
        "R-DEL-2",
        "the state of a configuration with a trail is in S3, encrypted, and locked by a lock file",
        "State on a laptop is lost or read, and two applies at once leave the trail half changed.",
        "Use backend s3 with encrypt = true and use_lockfile = true.",
        f"{TERRAFORM_DOCS}/language/backend/s3",
    ),
)
