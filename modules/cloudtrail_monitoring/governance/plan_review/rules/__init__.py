"""All rules, by the part of the system they watch over. A rule is data; see ``rule.Rule``."""

from cloudtrail_monitoring.governance.plan_review.rule import Rule
from cloudtrail_monitoring.governance.plan_review.rules import access, archive, detection, responders, trail

RULES: tuple[Rule, ...] = (
    *trail.RULES,
    *archive.RULES,
    *detection.RULES,
    *responders.RULES,
    *access.RULES,
)
