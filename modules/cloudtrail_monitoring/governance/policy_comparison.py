"""Says in what way a changed policy document is more open than it was: it allows more, or denies less.

For the review of a change, before it is made. No opening means: every request that the new document allows was allowed
by the old one, and every request that the old one denied is denied still, whatever other policies have a say. The
reverse isn't claimed: what can't be told is an opening too, and what one statement covered must not take several now.
How statements are split, ordered and named, and how their lists and values are written, makes no difference. Scopes
are compared by ``policy_scope`` and put into words by ``policy_openings``. What AWS puts in the place of a policy that
is removed (a KMS key, a queue and a topic have a default one) is left to the caller.
"""

from collections.abc import Iterator, Sequence

from cloudtrail_monitoring.governance.policy_openings import (
    Opening,
    OpeningKind,
    allow_opened,
    deny_opened,
    not_comparable,
)
from cloudtrail_monitoring.governance.policy_scope import Scope, read_scopes
from cloudtrail_monitoring.governance.policy_statements import Document

__all__ = ["Opening", "OpeningKind", "openings"]


def openings(before: Document | None, after: Document | None, *, resource_based: bool) -> tuple[Opening, ...]:
    """In what way a policy document is more open than it was; nothing when it isn't.

    Args:
        before: the document as it was, JSON text or data; None where there was none.
        after: as it will be; None where it is removed.
        resource_based: whether the policy hangs on a resource, so that its statements name principals. Role trust
            policies are resource-based.

    Returns:
        For each statement one opening of each kind. A document that AWS would refuse, or that can't be judged
        faithfully, is one opening, unless its text did not change.

    Example:
        >>> after = '{"Statement": {"Sid": "Read", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
        >>> [opening.sentence for opening in openings(None, after, resource_based=False)]
        ['Read: now allows s3:* on *']
    """
    # Data is not compared as it stands, because to Python 1 is True and 1.0, and to a policy it isn't.
    if before is after or (isinstance(before, str) and before == after):
        return ()
    try:
        old = _scopes(before, "the policy before", resource_based)
        new = _scopes(after, "the policy after", resource_based)
    except (ValueError, RecursionError) as error:
        return (not_comparable(error),)
    return (*_opened_allows(old, new), *_opened_denies(old, new))


def _scopes(document: Document | None, name: str, resource_based: bool) -> tuple[Scope, ...]:
    return () if document is None else read_scopes(document, name=name, resource_based=resource_based)


def _opened_allows(old: Sequence[Scope], new: Sequence[Scope]) -> Iterator[Opening]:
    for statement in _of(new, "Allow"):
        if opened := _uncovered(statement, _of(old, "Allow")):
            counterpart = _counterpart(statement, _of(new, "Allow"), _of(old, "Allow"))
            yield from allow_opened(statement, counterpart, opened)


def _opened_denies(old: Sequence[Scope], new: Sequence[Scope]) -> Iterator[Opening]:
    for statement in _of(old, "Deny"):
        if opened := _uncovered(statement, _of(new, "Deny")):
            counterpart = _counterpart(statement, _of(old, "Deny"), _of(new, "Deny"))
            yield from deny_opened(statement, counterpart, opened)


def _of(statements: Sequence[Scope], effect: str) -> list[Scope]:
    return [statement for statement in statements if statement.effect == effect]


def _uncovered(statement: Scope, others: Sequence[Scope]) -> list[Scope]:
    """The shares of a statement that no other covers."""
    candidates = [other for other in others if not other.unmet(statement)]
    if any(other.spans(statement) for other in candidates):
        return []
    return [share for share in statement.shares if not any(other.spans(share) for other in candidates)]


def _counterpart(statement: Scope, own: Sequence[Scope], others: Sequence[Scope]) -> Scope | None:
    """The statement of the other document that this one was or became: of the same Sid, or else of wider or narrower
    span and matching nothing else of its own document."""
    if statement.sid:
        for other in others:
            if other.sid == statement.sid:
                return other
    taken = {one.sid for one in own if one.sid}
    for other in others:
        related = other.spans(statement) or statement.spans(other)
        if related and other.sid not in taken and not any(one.covers(other) and other.covers(one) for one in own):
            return other
    return None
