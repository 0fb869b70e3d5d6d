"""Which events reach the responders: a filter pattern each, and from these both the rules and the subscription filter.

Our own roles' calls match none of them, or a responder would wake itself. Only the two functions that change IAM need
leaving out by name: what the other roles may call is neither IAM's, nor a login, nor root's.
"""

from typing import NamedTuple

from cloudtrail_monitoring.detections.language.filter_pattern import And, FilterPattern, Or
from cloudtrail_monitoring.responders.names import RELEASE, ROUTER, ResponderNames

_ISSUER = "$.userIdentity.sessionContext.sessionIssuer.arn"

LOGINS = FilterPattern.parse('{ ($.eventSource = "signin.amazonaws.com") && ($.eventName = "ConsoleLogin") }')
"""For the lockout and for geography (R-RSP-1, R-RSP-4); failed ones and successful ones."""

ROOT = FilterPattern.parse(
    '{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != "AwsServiceEvent")'
    ' && (($.readOnly IS FALSE) || ($.eventName = "ConsoleLogin")) }'
)
"""For the enriched alert (R-RSP-2); what a service does on root's behalf is left out, as is what only reads."""

_OTHERS_THAN_ROOT = FilterPattern.parse('{ $.userIdentity.type != "Root" }')


class Interests(NamedTuple):
    """The events of one environment that responders look at."""

    logins: FilterPattern
    iam_changes: FilterPattern
    root: FilterPattern

    @property
    def all(self) -> FilterPattern:
        """Any of them."""
        return FilterPattern.from_tree(Or((self.logins.root, self.iam_changes.root, self.root.root)))

    @property
    def to_forward(self) -> FilterPattern:
        """What another Region has to forward to the home Region: root's events come by the root-activity rule."""
        either = Or((self.logins.root, self.iam_changes.root))
        return FilterPattern.from_tree(And((_OTHERS_THAN_ROOT.root, either)))


def interests(names: ResponderNames) -> Interests:
    return Interests(LOGINS, _iam_changes(names), ROOT)


def _iam_changes(names: ResponderNames) -> FilterPattern:
    """For enhanced logging (R-RSP-3), and for the category log group of R-QRY-4."""
    by_others = " && ".join(f'({_ISSUER} != "{names.role_arn(name)}")' for name in (ROUTER, RELEASE))
    return FilterPattern.parse(
        f'{{ ($.eventSource = "iam.amazonaws.com") && ($.readOnly IS FALSE)'
        f" && (({_ISSUER} NOT EXISTS) || ({by_others})) }}"
    )
