"""The refusal that all derivations of a filter pattern share: which clause another language can't say, and why.

A derivation that would match other events than the metric filter is worse than none, so it is refused. The rules of
each language are left to ``event_pattern``, ``insights_query`` and ``athena_predicate``.
"""

from cloudtrail_monitoring.detections.language.tree import Node


class NotExpressible(ValueError):
    """A filter pattern that another language can't say; ``str()`` is one line.

    Attributes:
        clause: the part of the pattern that is in the way, as text.
        reason: why the other language can't say it, with what to write instead where there is something.
    """

    def __init__(self, clause: Node | str, reason: str) -> None:
        super().__init__(str(clause), reason)
        self.clause, self.reason = str(clause), reason

    def __str__(self) -> str:
        return f"{self.clause}: {self.reason}"
