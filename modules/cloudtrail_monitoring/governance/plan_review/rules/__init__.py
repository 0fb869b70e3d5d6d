"""All rules, by the part of the system they watch over. A rule is data; see ``rule.Rule``."""

from cloudtrail_monitoring.governance.plan_review.rule import Rule
from cloudtrail_monitoring.governance.plan_review.rules import access, archive, detection, responders, search, trail

RULES: tuple[Rule, ...] = (
    *trail.RULES,
    *archive.RULES,
    *detection.RULES,
    *responders.RULES,
    *search.RULES,
    *access.RULES,
)
HARMLESS_TYPES = frozenset(
    {
        "aws_athena_named_query",
        "aws_cloudwatch_dashboard",
        "aws_cloudwatch_query_definition",
        # a function's code, which people review
        "aws_lambda_layer_version",
    }
)
"""Types of which no change weakens the audit trail. Every other type without a rule is told by ``UNKNOWN_TYPE``."""

INCOMPLETE = Rule("plan-incomplete", "R-INT-2", "what was left out is not reviewed", (), lambda _: ())
"""A plan made with ``-target`` or ``-exclude``."""
NOTHING_STANDS = Rule(
    "plan-first",
    "R-DEL-2",
    "a first deployment has nothing to weaken; if this is none, the state is lost, or another one is looked at",
    (),
    lambda _: (),
)
"""A plan that makes everything."""
UNKNOWN_TYPE = Rule(
    "type-not-reviewed",
    "R-INT-2",
    "no rule knows what a change of this type means for the audit trail",
    (),
    lambda change: [f"a resource of type {change.type}: {change.action}"],
)
"""A change of a type that neither has rules nor is harmless."""
