"""Whether a changed EventBridge event pattern still matches every event that the old one matched.

The same search as for filter patterns, over matchers in place of conditions. Events with one value for each field are
enough: an event matches by one value of each field, and without the others it loses nothing but what is there to be
missed by ``{"exists": false}``. Where that could matter, among the objects of an array, the answer is undecided, and so
it is where EventBridge knows a matcher that isn't known here. Undecided counts as lost. What a loss means for a plan is
left to ``governance``.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-arrays.html,
https://github.com/aws/event-ruler (``$or``, leaves, and that conditions on one array are met by one element)
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product, takewhile
from typing import Any

from cloudtrail_monitoring.detections.language.coverage_search import (
    MAX_STEPS,
    Atom,
    Case,
    Choice,
    Domain,
    Form,
    Formula,
    Search,
    Stand,
    all_of,
    any_of,
    atoms,
    decided,
)
from cloudtrail_monitoring.detections.language.loss import Loss, first_loss, shown, undecided
from cloudtrail_monitoring.detections.language.number_kinds import number_kinds
from cloudtrail_monitoring.detections.language.text_kinds import Shape, fitting, text_kinds
from cloudtrail_monitoring.detections.translations.event_pattern_matchers import (
    ABSENT,
    AnyOther,
    Exists,
    InNetwork,
    Kind,
    Like,
    Matcher,
    Numeric,
    UnreadableError,
    read_matcher,
)

__all__ = ["event_pattern_loss"]

MAX_DEPTH = 50
"""Objects within one another; an event pattern of 4,096 characters could have hundreds."""

_NOT_FIELDS = frozenset(
    {"exists", "numeric", "cidr", "anything-but", "prefix", "suffix", "equals-ignore-case", "wildcard"}
)
"""Names that make EventBridge take ``$or`` for a field."""

EventPattern = Mapping[str, Any] | str
"""An event pattern as JSON or as its text."""


def event_pattern_loss(before: EventPattern, after: EventPattern, *, max_steps: int = MAX_STEPS) -> Loss | None:
    """What ``after`` doesn't match that ``before`` does; None if it matches all of that.

    Args:
        before: the event pattern in force. One that can't be read is covered by itself only.
        after: the one that is to replace it.
        max_steps: how long to look for an event, before it is undecided whether there is one.

    >>> event_pattern_loss({"detail": {"eventName": ["a", "b"]}}, {"detail": {"eventName": [{"prefix": "a"}]}}).sentence
    'no longer delivers an event with detail.eventName = "b"'
    """
    try:
        old_json, new_json = (_parsed(pattern) for pattern in (before, after))
        if json.dumps(old_json, sort_keys=True) == json.dumps(new_json, sort_keys=True):
            return None
        fields = _Fields()
        old, new = (fields.formula(pattern) for pattern in (old_json, new_json))
    except UnreadableError as error:
        return undecided(_Fields, str(error))
    found = first_loss(
        old,
        new,
        fields,
        lambda event: fields.matches(old, event) and not fields.matches(new, event),
        max_steps=max_steps,
    )
    # What the formulas show by their looks is true of arrays as well.
    if found is None and not Search(fields).implies(old, new) and (array := fields.array_that_matters(new)):
        return undecided(_Fields, f"{array} could be an array whose elements differ")
    return found


class _Fields:
    """The fields of two event patterns with their matchers, under their paths."""

    verb = "deliver"
    noun = "an event"

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, ...]] = {}
        self._matchers: dict[str, dict[str, Matcher]] = {}

    def formula(self, pattern: Any, names: tuple[str, ...] = ()) -> Formula:
        """The formula of a pattern, or of an object in it.

        Raises:
            UnreadableError: it isn't known what a part of it matches.
        """
        if len(names) > MAX_DEPTH:
            raise UnreadableError(f"it has objects more than {MAX_DEPTH} deep")
        if not isinstance(pattern, Mapping) or not pattern:
            raise UnreadableError(f"{shown(_path(names)) or 'the event pattern'} is no object of fields to match")
        return all_of(*(self._field(name, value, names) for name, value in pattern.items()))

    def _field(self, name: str, value: Any, names: tuple[str, ...]) -> Formula:
        if name == "$or":
            return self._any(value, names)
        if "." in name:
            raise UnreadableError(f"it isn't known where EventBridge looks for {shown(name)}")
        if not isinstance(value, list):
            return self.formula(value, (*names, name))
        if not value:
            raise UnreadableError(f"{shown(_path((*names, name)))} has nothing to match")
        return any_of(*(self._atom((*names, name), read_matcher(one)) for one in value))

    def _any(self, alternatives: Any, names: tuple[str, ...]) -> Formula:
        is_or = isinstance(alternatives, list) and len(alternatives) > 1
        if not is_or or any(not isinstance(one, Mapping) or _NOT_FIELDS & set(one) for one in alternatives):
            raise UnreadableError('it isn\'t known what "$or" is without two objects of fields')
        return any_of(*(self.formula(one, names) for one in alternatives))

    def _atom(self, names: tuple[str, ...], matcher: Matcher) -> Atom:
        place = _path(names)
        self._names[place] = names
        known = self._matchers.setdefault(place, {})
        name = next((name for name, other in known.items() if other == matcher), str(len(known)))
        known[name] = matcher
        return Atom(place, name)

    def domain(self, place: str) -> Domain:
        matchers = self._matchers[place]
        absent = _truths(matchers, ABSENT)
        found = {absent: Choice(absent, (), Form.ABSENT)}
        kinds, is_complete = _kinds(matchers.values())
        for kind in sorted(kinds, key=lambda kind: kind.value is Stand.UNKNOWN):
            truths = _truths(matchers, kind)
            found.setdefault(truths, Choice(truths, (kind.value,), Form.VALUE))
        return Domain(tuple(found.values()), is_complete)

    def record(self, case: Case) -> dict[str, Any]:
        event: dict[str, Any] = {}
        for place, choice in case.items():
            for value in choice.values:
                *outer, last = self._names[place]
                holder: Any = event
                for name in outer:
                    holder = holder.setdefault(name, {})
                    if not isinstance(holder, dict):
                        return {}
                holder[last] = value
        return event

    def matches(self, formula: Formula, event: Mapping[str, Any]) -> bool:
        """Whether an event without arrays matches."""
        for place, names in self._names.items():
            value: Any = event
            for name in names:
                value = value.get(name) if isinstance(value, dict) and name in value else {}
            matchers = self._matchers[place]
            kind = ABSENT if isinstance(value, dict) else _kind(value, matchers.values())
            formula = decided(formula, place, _truths(matchers, kind))
        return formula is True

    def array_that_matters(self, after: Formula) -> str | None:
        """An object that, were it an array, could lose an event in a way that single values don't show.

        That takes a field which may be missing or may have a value, and another one beside it or below.
        """
        wanted, unwanted = set[str](), set[str]()
        for place, condition in atoms(after):
            (unwanted if self._matchers[place][condition] == Exists(wanted=False) else wanted).add(place)
        for place, other in product(sorted(wanted & unwanted), sorted(wanted)):
            pair = zip(self._names[place][:-1], self._names[other][:-1], strict=False)
            shared = tuple(name for name, _ in takewhile(lambda names: names[0] == names[1], pair))
            if place != other and shared not in ((), ("detail",)):
                return shown(_path(shared))
        return None

    def doubt(self, place: str) -> str:
        if any(isinstance(matcher, InNetwork) for matcher in self._matchers[place].values()):
            return "networks differ"
        return f"no value of {shown(place)} was found to try"


def _truths(matchers: Mapping[str, Matcher], kind: Kind) -> frozenset[str]:
    """The names of the matchers that hold for a kind of value."""
    return frozenset(name for name, matcher in matchers.items() if matcher.holds(kind))


def _kinds(matchers: Iterable[Matcher]) -> tuple[list[Kind], bool]:
    """The kinds of value that matchers tell apart, and whether these are all."""
    single = list(_single(matchers))
    texts = text_kinds(_shapes(single), _networks(single), examples=["other", *_addresses(single)])
    networks = [one for one in single if isinstance(one, InNetwork)]
    kinds = [
        Kind(Stand.UNKNOWN if text.text is None else text.text, text.fits)
        for text in texts.all
        if not any(_contradict(text.fits, one, other) for one in networks for other in networks)
    ]
    for number in number_kinds(bound for one in single if isinstance(one, Numeric) for _, bound in one.bounds):
        kinds.append(Kind(next(iter(number.numbers), Stand.UNKNOWN), rank=number.rank))
    # The last is a number that EventBridge compares with none.
    kinds += [Kind(True), Kind(False), Kind(None), Kind(Stand.UNKNOWN)]
    return kinds, texts.is_complete


def _contradict(fits: frozenset[str], one: InNetwork, other: InNetwork) -> bool:
    """Whether no address is in one network and, as ``fits`` has it, in the other or not."""
    if one.name not in fits:
        return False
    same_version = one.network.version == other.network.version
    if other.name in fits:
        return not same_version or not one.network.overlaps(other.network)
    return (
        same_version
        and one.network.network_address in other.network
        and one.network.prefixlen >= other.network.prefixlen
    )


def _kind(value: Any, matchers: Iterable[Matcher]) -> Kind:
    """The kind of one value."""
    single = list(_single(matchers))
    if isinstance(value, str):
        return Kind(value, fitting(_shapes(single), _networks(single), value))
    return Kind(value, rank=None if value is None or isinstance(value, bool) else value)


def _single(matchers: Iterable[Matcher]) -> Iterator[Matcher]:
    """The matchers with those inside ``anything-but`` in their place."""
    for matcher in matchers:
        if isinstance(matcher, AnyOther):
            yield from matcher.matchers
        else:
            yield matcher


def _shapes(matchers: Iterable[Matcher]) -> dict[str, Shape]:
    return {matcher.name: matcher.shape for matcher in matchers if isinstance(matcher, Like)}


def _networks(matchers: Iterable[Matcher]) -> dict[str, Callable[[str], bool]]:
    return {matcher.name: matcher.has for matcher in matchers if isinstance(matcher, InNetwork)}


def _addresses(matchers: Iterable[Matcher]) -> Iterator[str]:
    for matcher in matchers:
        if isinstance(matcher, InNetwork):
            yield str(matcher.network.network_address)
            yield str(matcher.network.broadcast_address)


def _parsed(pattern: EventPattern) -> Any:
    if not isinstance(pattern, str):
        return pattern
    try:
        return json.loads(pattern)
    except (ValueError, RecursionError):
        raise UnreadableError("one of its two event patterns is no JSON") from None


def _path(names: Iterable[str]) -> str:
    return ".".join(names)
