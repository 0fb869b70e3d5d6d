"""What an opening of a policy is, and how it is told: one line that a reviewer reads in seconds.

Given a statement and the one it became or came from, finds what differs and names it: the actions, resources and
callers, the values of a condition, the exemptions of a denial. That something was opened is decided by
``policy_comparison``.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from cloudtrail_monitoring.governance.policy_condition_coverage import Requirement
from cloudtrail_monitoring.governance.policy_scope import AnItem, Element, Scope

_CALLER_KEY = "aws:principalarn"
_NAMED_AT_MOST = 4


class OpeningKind(StrEnum):
    """In what way a policy is more open."""

    ALLOW_ADDED = "allow added"
    ALLOW_WIDENED = "allow widened"
    DENY_REMOVED = "deny removed"
    DENY_NARROWED = "deny narrowed"
    EXCEPTION_WIDENED = "exception widened"
    """A list of exemptions of a Deny got longer."""
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True, slots=True)
class Opening:
    """One way in which a policy is more open than it was."""

    kind: OpeningKind
    sid: str | None
    """Sid of the statement, where it has one."""
    sentence: str
    """One line: the statement, and what it allows now or denies no longer."""


_Difference = tuple[OpeningKind, str]


def not_comparable(reason: object) -> Opening:
    """The opening of documents that can't be judged."""
    return Opening(OpeningKind.NOT_COMPARABLE, None, _line(f"can't be compared: {reason}"))


def allow_opened(after: Scope, before: Scope | None, opened: Sequence[Scope]) -> Iterator[Opening]:
    """The openings of an Allow, one for each kind.

    Args:
        after: the statement.
        before: the statement it was, if it can be told.
        opened: its shares that were not allowed.
    """
    if before is None:
        kind = OpeningKind.ALLOW_ADDED if _is_all_of(after, opened) else OpeningKind.ALLOW_WIDENED
        return _told(after, [(kind, f"now allows {_request(opened, 'to')}{_conditions(after)}")])
    return _told(after, _widenings(after, before, opened))


def deny_opened(before: Scope, after: Scope | None, opened: Sequence[Scope]) -> Iterator[Opening]:
    """The openings of a Deny, one for each kind.

    Args:
        before: the statement.
        after: the statement it became, if it can be told.
        opened: its shares that are no longer denied.
    """
    if after is not None:
        yield from _told(before, _narrowings(before, after, opened))
    elif _is_all_of(before, opened):
        # A resource-based policy is about the resource it hangs on, so the callers tell more.
        what = _callers(opened, "by") if before.names_principals else _resources(opened)
        sentence = f"{OpeningKind.DENY_REMOVED}: {before.label} ({_actions(opened)}{what})"
        yield Opening(OpeningKind.DENY_REMOVED, before.sid, _line(sentence))
    else:
        yield from _told(before, [(OpeningKind.DENY_NARROWED, f"no longer denies {_request(opened, 'by')}")])


def _is_all_of(statement: Scope, shares: Sequence[Scope]) -> bool:
    return len(shares) == len(list(statement.shares))


def _told(statement: Scope, differences: Iterable[_Difference]) -> Iterator[Opening]:
    by_kind: dict[OpeningKind, list[str]] = {}
    for kind, words in differences:
        by_kind.setdefault(kind, []).append(words)
    for kind, all_words in by_kind.items():
        yield Opening(kind, statement.sid, _line(f"{statement.label}: {'; '.join(all_words)}"))


def _widenings(after: Scope, before: Scope, opened: Sequence[Scope]) -> Iterator[_Difference]:
    beyond = [share for share in opened if not before.spans(share)]
    if beyond:
        yield OpeningKind.ALLOW_WIDENED, f"now allows {_request(beyond, 'to')}"
    for old in before.unmet(after):
        new = _successor(old, among=after, of=before)
        if new is None:
            yield OpeningKind.ALLOW_WIDENED, f"no longer requires {old}"
        elif not old.is_comparable_with(new):
            yield _incomparable(old, new)
        elif values := old.values_beyond(new) if old.negated else new.values_beyond(old):
            words = "no longer excludes" if old.negated else "now also accepts"
            yield OpeningKind.ALLOW_WIDENED, f"{words} {old.key} {', '.join(values)}"
        else:
            yield OpeningKind.ALLOW_WIDENED, f"requires {new}, no longer {old}"


def _narrowings(before: Scope, after: Scope, opened: Sequence[Scope]) -> Iterator[_Difference]:
    beyond = [share for share in opened if not after.spans(share)]
    if beyond:
        yield _not_spanned(before, after, beyond)
    for new in after.unmet(before):
        old = _successor(new, among=before, of=after)
        if old is None:
            yield _exempted(new, new.values) if new.negated else _only_with(new)
        elif not new.is_comparable_with(old):
            yield _incomparable(old, new)
        elif new.negated and (values := new.values_beyond(old)):
            yield _exempted(new, values)
        elif not new.negated and (values := old.values_beyond(new)):
            yield OpeningKind.DENY_NARROWED, f"no longer denies with {new.key} {', '.join(values)}"
        else:
            yield _only_with(new)


def _not_spanned(before: Scope, after: Scope, beyond: Sequence[Scope]) -> _Difference:
    spared = (
        _spared(before.principals, after.principals),
        _spared(before.actions, after.actions),
        _spared(before.resources, after.resources),
    )
    if None in spared:
        left = (
            *_left(before.actions, after.actions),
            *_left(before.resources, after.resources),
            *_left(before.principals, after.principals),
        )
        only = f", only {', '.join(left)}" if left else ""
        return OpeningKind.DENY_NARROWED, f"no longer denies {_request(beyond, 'by')}{only}"
    return OpeningKind.EXCEPTION_WIDENED, f"now spares {', '.join(name for names in spared for name in names or ())}"


def _spared(old: Element[AnItem], new: Element[AnItem]) -> tuple[str, ...] | None:
    """What a Not… element leaves out besides what it did; None if that is not how it changed."""
    if old.negated and new.negated:
        return tuple(map(str, new.items_beyond(old)))
    return () if new.covers(old) else None


def _left(old: Element[AnItem], new: Element[AnItem]) -> tuple[str, ...]:
    """What stands in place of something wider."""
    if new.covers(old) or new.negated:
        return ()
    return tuple(str(item) for item in new.items if item not in old.items and old.covers(replace(new, items=(item,))))


def _successor(one: Requirement, *, among: Scope, of: Scope) -> Requirement | None:
    """What stands in one statement in place of a requirement of the other: about its key, and not in the other too."""
    same_key = [
        other
        for other in among.requirements
        if other.key.lower() == one.key.lower()
        and not any(own.implies(other) and other.implies(own) for own in of.requirements)
    ]
    return next((other for other in same_key if other.is_comparable_with(one)), next(iter(same_key), None))


def _exempted(requirement: Requirement, values: Sequence[str]) -> _Difference:
    key = "" if requirement.key.lower() == _CALLER_KEY else f"{requirement.key} "
    return OpeningKind.EXCEPTION_WIDENED, f"now spares {key}{', '.join(values)}"


def _only_with(requirement: Requirement) -> _Difference:
    return OpeningKind.DENY_NARROWED, f"now denies only with {requirement}"


def _incomparable(old: Requirement, new: Requirement) -> _Difference:
    words = f"the condition on {old.key} became {new.operator} (it was {old.operator}), which can't be compared"
    return OpeningKind.NOT_COMPARABLE, words


def _request(shares: Sequence[Scope], preposition: str) -> str:
    return f"{_actions(shares)}{_resources(shares)}{_callers(shares, preposition)}"


def _actions(shares: Sequence[Scope]) -> str:
    return _listed([share.actions for share in shares], "everything")


def _resources(shares: Sequence[Scope]) -> str:
    return f" on {_listed([share.resources for share in shares], 'everything')}" if shares[0].names_resources else ""


def _callers(shares: Sequence[Scope], preposition: str) -> str:
    if not shares[0].names_principals:
        return ""
    return f" {preposition} {_listed([share.principals for share in shares], 'everyone')}"


def _listed(elements: Sequence[Element[AnItem]], everything: str) -> str:
    names = list(dict.fromkeys(str(item) for element in elements for item in element.items))
    more = f" and {len(names) - _NAMED_AT_MOST} more" if len(names) > _NAMED_AT_MOST else ""
    listed = ", ".join(names[:_NAMED_AT_MOST]) + more
    return f"{everything} but {listed}" if elements[0].negated else listed


def _conditions(statement: Scope) -> str:
    keys = dict.fromkeys(requirement.key for requirement in statement.requirements)
    return f", with conditions on {', '.join(keys)}" if keys else ""


def _line(sentence: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in sentence)
