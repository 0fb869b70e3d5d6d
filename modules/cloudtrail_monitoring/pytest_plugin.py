"""A pytest plugin for those who use the library: assert which records a detection counts, as its metric filter would.

    def test_the_pipeline_s_own_users_are_left_out(detection_matches):
        assert not detection_matches("user-created", {"eventName": "CreateUser", ...})

pytest finds it by itself where the library is installed. Ids are looked up in ``monitored_detections``; override that
fixture in your ``conftest.py`` to test what an environment deploys, with its own detections, tuning and names:

    @pytest.fixture(scope="session")
    def monitored_detections():
        return prod.settings().deployed_detections

When a test fails, its report shows every clause of the pattern and what the record has there.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cloudtrail_monitoring.detections.detection import Detection
    from cloudtrail_monitoring.detections.language.explanation import Explanation
    from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern

_PATTERN_BEGINS = "{"


class Verdict:
    """Whether a detection counts a record: true or false; ``repr`` says why in one line."""

    def __init__(self, name: str, explanation: "Explanation") -> None:
        self.name = name
        self.explanation = explanation
        """Every clause with what became of it."""

    def __bool__(self) -> bool:
        return self.explanation.holds

    def __repr__(self) -> str:
        why = self.explanation.why() if self else self.explanation.why_not()
        return f"<{self.name} {'counts it' if self else 'does not count it'}: {', '.join(why)}>"


DetectionMatches = Callable[["str | FilterPattern | Detection", Mapping[str, Any]], Verdict]


@pytest.fixture(scope="session")
def monitored_detections() -> "Iterable[Detection]":
    """The detections that ids name: the shipped catalogue, the environment's names in its patterns still open."""
    from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE

    return tuple(CATALOGUE.values())


@pytest.fixture
def detection_matches(monitored_detections: "Iterable[Detection]", request: pytest.FixtureRequest) -> DetectionMatches:
    """``detection_matches(pattern_or_id, event)``: whether that detection's metric filter would count the record.

    Args of the function:
        pattern_or_id: the id of one of ``monitored_detections``, a ``Detection``, a ``FilterPattern``, or the text of
            a filter pattern, which begins with a brace.
        event: one CloudTrail record, as ``json.loads`` gives it.

    Raises:
        LookupError: there is no detection of that id; those it resembles are named.
        ValueError: the environment's names are open in the detection, as of the shipped catalogue, and not in the
            event: it could never match.
        PatternSyntaxError: the text is no filter pattern.
        TypeError: the event is no JSON object.
    """
    from cloudtrail_monitoring.detections.language.explanation import explain, rendered

    def matches(pattern_or_id: "str | FilterPattern | Detection", event: Mapping[str, Any]) -> Verdict:
        __tracebackhide__ = True
        if not isinstance(event, Mapping):
            raise TypeError(f"a CloudTrail record is a JSON object, not {type(event).__name__}")
        name, pattern = _pattern(pattern_or_id, monitored_detections)
        _refuse_open_names(name, pattern, event)
        verdict = Verdict(name, explain(pattern, event))
        told = f"{verdict!r}\n{rendered(verdict.explanation)}"
        request.node.add_report_section("call", "detection", told)
        return verdict

    return matches


def _refuse_open_names(name: str, pattern: "FilterPattern", event: Mapping[str, Any]) -> None:
    """A test that nothing could fail would pass: a real bucket's name never equals ``<archive_bucket>``."""
    from cloudtrail_monitoring.detections.detection import open_names

    __tracebackhide__ = True
    open_ = open_names(pattern.text)
    if open_ and not open_names(json.dumps(event, default=str)):
        raise ValueError(
            f"{name} names {', '.join(sorted(open_))} of an environment, which are open in the shipped catalogue:"
            " override the fixture monitored_detections with an environment's deployed_detections"
        )


def _pattern(
    pattern_or_id: "str | FilterPattern | Detection", detections: "Iterable[Detection]"
) -> "tuple[str, FilterPattern]":
    from cloudtrail_monitoring.detections.detection import Detection
    from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern

    __tracebackhide__ = True
    if isinstance(pattern_or_id, FilterPattern):
        return "the pattern", pattern_or_id
    if isinstance(pattern_or_id, Detection):
        return pattern_or_id.id, FilterPattern.parse(pattern_or_id.pattern)
    if pattern_or_id.lstrip().startswith(_PATTERN_BEGINS):
        return "the pattern", FilterPattern.parse(pattern_or_id)
    by_id = {detection.id: detection for detection in detections}
    if pattern_or_id not in by_id:
        near = get_close_matches(pattern_or_id, by_id, n=3)
        meant = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(by_id))}"
        raise LookupError(f"there is no detection {pattern_or_id!r}; {meant}")
    return _pattern(by_id[pattern_or_id], detections)
