"""R-DEL-1 and R-DEL-2: which account Terraform works in, and where it keeps its state.

Checkov reports no finding on a ``terraform`` block, so that the state's rule is reported on the trail it stands beside.
"""

from typing import TYPE_CHECKING

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.provider.base_check import BaseProviderCheck

if TYPE_CHECKING:
    from cloudtrail_monitoring.governance.checkov_checks import ctm_attributes as tf
    from cloudtrail_monitoring.governance.checkov_checks import ctm_configuration as graph
    from cloudtrail_monitoring.governance.checkov_checks import ctm_rules as catalogue
else:
    import ctm_attributes as tf
    import ctm_configuration as graph
    import ctm_rules as catalogue


class _AccountCheck(BaseProviderCheck):
    """The judgement that a provider names the accounts it may work in."""

    def __init__(self) -> None:
        rule = catalogue.RULES["CKV_CTM_DEL_1"]
        super().__init__(
            name=rule.name,
            id=rule.id,
            categories=[CheckCategories.LOGGING],
            supported_provider=["aws"],
            guideline=rule.guideline,
        )

    def scan_provider_conf(self, conf: tf.Attributes) -> CheckResult:
        """Passed if ``allowed_account_ids`` is set, whatever to."""
        return CheckResult.PASSED if tf.many(conf, "allowed_account_ids") else CheckResult.FAILED


def _state_is_kept(configuration: graph.Configuration, trail: graph.Resource) -> bool | None:  # noqa: ARG001 - where it is reported
    backends = [backend for settings in configuration.settings for backend in tf.blocks(settings, "backend")]
    if any("local" in backend for backend in backends):
        return False
    for backend in backends:
        if "s3" in backend:
            s3 = tf.block(backend, "s3")
            holds = all(tf.is_true(tf.one(s3, name)) for name in ("encrypt", "use_lockfile"))
            if not holds and tf.one(s3, "bucket") is None:
                # a partial configuration: the rest comes from the command line
                raise tf.UnreadableError(backend)
            return holds
    return None


checks = [_AccountCheck(), graph.register("CKV2_CTM_DEL_2", "aws_cloudtrail", _state_is_kept)]
