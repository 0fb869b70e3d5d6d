"""The archive and the trail in a stack of your own: no environments, no state stack, no alarms.

Run it with ``python examples/own_stack.py``; the Terraform is written to ``cdktf.out/`` (``CDKTF_OUTDIR`` moves it).
"""

# before cdktf: the bindings then load lazily
from cloudtrail_monitoring import AuditTrail, Location, LogArchive  # isort: skip

from cdktf import App, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider

from cloudtrail_monitoring.archive.settings import ArchiveSettings
from cloudtrail_monitoring.trail.settings import TrailSettings

app = App()
stack = TerraformStack(app, "audit")
location = Location(account_id="444444444444", region="eu-central-1")
AwsProvider(stack, "aws", region=location.region, allowed_account_ids=[location.account_id])

trail = TrailSettings(name="example-trail", log_group_name="CloudTrail/example-trail", customer_managed_key=False)
archive = LogArchive(
    stack,
    "archive",
    ArchiveSettings(
        bucket_name="example-cloudtrail-logs",
        access_log_bucket_name="example-cloudtrail-logs-access",
        audit_role_names=("auditor",),
        deploy_role_name="terraform",
        break_glass_role_names=("break-glass",),
    ),
    location=location,
    trail_arns=[location.arn("cloudtrail", f"trail/{trail.name}")],
)
AuditTrail(
    stack,
    "trail",
    trail,
    location=location,
    bucket_name=archive.bucket_name,
    bucket_policy=[archive.policy],
    own_arns=[f"{archive.arn}/"],
)
app.synth()
