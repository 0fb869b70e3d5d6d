"""The catalogue of the checks by id. Data only, without Checkov.

The ``ctm_*_checks`` files say how each rule is judged; ``governance.scan`` reads from here which rules a stack with a
trail must have been judged by. ``CKV_`` ids look at one resource, ``CKV2_`` ids at how resources stand together, as
Checkov's own do.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING or __package__:
    from cloudtrail_monitoring.governance.checkov_checks.ctm_rules_archive import ARCHIVE_RULES
    from cloudtrail_monitoring.governance.checkov_checks.ctm_rules_archive_policy import ARCHIVE_POLICY_RULES
    from cloudtrail_monitoring.governance.checkov_checks.ctm_rules_delivery import DELIVERY_RULES
    from cloudtrail_monitoring.governance.checkov_checks.ctm_rules_detections import DETECTION_RULES
    from cloudtrail_monitoring.governance.checkov_checks.ctm_rules_responders import RESPONDER_RULES
    from cloudtrail_monitoring.governance.checkov_checks.ctm_rules_trail import TRAIL_RULES
else:  # Checkov runs this file with its folder on sys.path, not as part of a package
    from ctm_rules_archive import ARCHIVE_RULES
    from ctm_rules_archive_policy import ARCHIVE_POLICY_RULES
    from ctm_rules_delivery import DELIVERY_RULES
    from ctm_rules_detections import DETECTION_RULES
    from ctm_rules_responders import RESPONDER_RULES
    from ctm_rules_trail import TRAIL_RULES

RULES = {
    rule.id: rule
    for rule in (
        *TRAIL_RULES,
        *ARCHIVE_RULES,
        *ARCHIVE_POLICY_RULES,
        *DETECTION_RULES,
        *RESPONDER_RULES,
        *DELIVERY_RULES,
    )
}
"""Every check of this folder by its id."""
