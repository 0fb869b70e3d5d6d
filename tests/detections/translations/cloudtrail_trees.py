"""Random trees over fields of CloudTrail records and random records, within what each language takes a verdict on.

Where a translation differs from the filter by its own docstring (a null under ``!=`` for EventBridge, a null column for
Athena, the spelling of a number), neither trees nor records go there.
"""

from typing import Any

from hypothesis import strategies as st

from cloudtrail_monitoring.detections.language.filter_pattern import (
    AnyElement,
    Comparison,
    Field,
    Index,
    IsBoolean,
    IsNull,
    Node,
    NotExists,
    Number,
    Operator,
    Regex,
    Selector,
    Step,
    Text,
)
from tests.detections.language.trees import NAMES, NUMBERS, ORDERS, REGEXES, WORDS, joined, within_limits

EQUALITIES = st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL])


def _trees(conditions: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.recursive(conditions, joined, max_leaves=6).filter(within_limits)


def _optional(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=values)


# For EventBridge: each field keeps to one kind of value, as its numbers, texts and arrays are told apart by the rule.
_LETTERS = st.text("ab", max_size=3)
_STARRED = st.text("ab*", min_size=1, max_size=4).filter(lambda text: text.strip("*") != "")
_TEXT_FIELDS = st.sampled_from(
    [
        Selector.of("eventName"),
        Selector.of("errorCode"),
        Selector.of("userIdentity", "type"),
        Selector.of("userIdentity", "sessionContext", "sessionIssuer", "arn"),
    ]
)
_COUNT, _FLAG = (Selector.of("requestParameters", name) for name in ("count", "flag"))
_TAGS = Selector((Field("requestParameters"), Field("tags"), AnyElement()))
_COUNTS = st.sampled_from(["1", "10", "1.5", "-1", "0", "01"])

BUS_TREES: st.SearchStrategy[Node] = _trees(
    st.one_of(
        st.builds(Comparison, _TEXT_FIELDS, EQUALITIES, st.builds(Text, _STARRED | _LETTERS)),
        st.builds(Comparison, _TEXT_FIELDS, EQUALITIES, st.builds(Text, _STARRED | _LETTERS)),
        st.builds(Comparison, st.just(_TAGS), EQUALITIES, st.builds(Text, _STARRED | _LETTERS)),
        st.builds(Comparison, st.just(_COUNT), st.just(Operator.EQUAL), st.builds(Number, _COUNTS)),
        st.builds(Comparison, st.just(_COUNT), st.just(Operator.EQUAL), st.builds(Text, _COUNTS | _STARRED)),
        st.builds(Comparison, st.just(_COUNT), st.sampled_from(ORDERS), st.builds(Number, _COUNTS)),
        st.builds(NotExists, _TEXT_FIELDS | st.sampled_from([_COUNT, _FLAG])),
        st.builds(IsNull, st.just(_FLAG)),
        st.builds(IsBoolean, st.just(_FLAG), st.booleans()),
    )
)
BUS_RECORDS = _optional(
    eventName=_LETTERS,
    errorCode=_LETTERS,
    userIdentity=_optional(
        type=_LETTERS, sessionContext=_optional(sessionIssuer=_optional(arn=_LETTERS, accountId=_LETTERS))
    ),
    requestParameters=_optional(
        count=st.sampled_from([0, 1, 10, 1.5, -1, 1.0, "1", "10", "01", "ab"]),
        flag=st.sampled_from([True, False, None, "true"]),
        tags=st.lists(_LETTERS, max_size=3),
    ),
)

# For Athena: columns hold text, and what is under requestParameters can be anything.
_COLUMNS = st.sampled_from(
    [
        Selector.of("eventName"),
        Selector.of("userIdentity", "type"),
        Selector((Field("resources"), AnyElement(), Field("type"))),
        Selector((Field("resources"), Index(1), Field("ARN"))),
    ]
)


@st.composite
def _json_selectors(draw: st.DrawFn) -> Selector:
    steps: list[Step] = draw(
        st.lists(st.one_of(st.builds(Field, NAMES), st.builds(Index, st.integers(0, 2))), max_size=2)
    )
    if draw(st.booleans()):
        steps.insert(draw(st.integers(0, len(steps))), AnyElement())
    return Selector((Field("requestParameters"), *(steps or [Field("a")])))


_COMPARED = st.one_of(st.builds(Text, WORDS), st.builds(Number, NUMBERS), st.builds(Regex, REGEXES))
ATHENA_TREES: st.SearchStrategy[Node] = _trees(
    st.one_of(
        st.builds(Comparison, _COLUMNS, EQUALITIES, _COMPARED),
        st.builds(NotExists, _COLUMNS | st.sampled_from([Selector.of("readOnly"), Selector.of("requestParameters")])),
        st.builds(IsBoolean, st.just(Selector.of("readOnly")), st.booleans()),
        st.builds(Comparison, _json_selectors(), EQUALITIES, _COMPARED),
        st.builds(Comparison, _json_selectors(), EQUALITIES, _COMPARED),
        st.builds(Comparison, _json_selectors(), st.sampled_from(ORDERS), st.builds(Number, NUMBERS)),
        st.builds(NotExists, _json_selectors()),
        st.builds(IsNull, _json_selectors().filter(lambda selector: not selector.has_wildcard)),
        st.builds(IsBoolean, _json_selectors(), st.booleans()),
    )
)
_SCALARS = st.one_of(WORDS, st.sampled_from([0, 1, -1, 10, 11, 1.5, "01", "true", "false", "null"]), st.booleans())
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner | st.none(), max_size=3),
    max_leaves=6,
)
ATHENA_RECORDS = _optional(
    eventName=WORDS,
    readOnly=st.booleans(),
    userIdentity=_optional(type=WORDS),
    resources=st.lists(_optional(type=WORDS, ARN=WORDS), max_size=3),
    requestParameters=st.dictionaries(NAMES, _VALUES | st.none(), max_size=4),
)
