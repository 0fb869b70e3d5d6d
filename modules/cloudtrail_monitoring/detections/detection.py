"""A detection is data: a CloudWatch Logs filter pattern, its level and reason, and the count from which it alarms."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern, PatternSyntaxError
from cloudtrail_monitoring.validation import Settings, fault, matching

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
MAX_METRIC_FILTERS = 100
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
MAX_PATTERNS_WITH_REGEXES = 5

_PLACEHOLDER = re.compile(r"<([a-z_]+)>")

TWIN_ENDING = "-tuned"
"""Ends the id of the detection that stands beside a published text, tuned as the environment wants it."""

DETECTION_TAG, LEVEL_TAG = "Detection", "Level"
"""Tags of an alarm, from which other programs read what it stands for."""
DISABLED_OUTPUT = "disabled_detections"
"""Output of a stack: the reasons by id, for whoever asks what is not watched."""


class Level(StrEnum):
    """How loudly a detection is told; the settings route each level to channels."""

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"


def _parses(value: str) -> str:
    """A CloudWatch Logs filter pattern of up to 1,024 characters."""
    try:
        FilterPattern.parse(value)
    except PatternSyntaxError as error:
        raise fault("{problem}", problem=str(error)) from error
    return value


DetectionId = Annotated[str, matching(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "an id of lower-case words joined by hyphens")]
PatternText = Annotated[str, AfterValidator(_parses)]
Title = Annotated[str, matching(r'[^"<>\\\n\r]+', "a title without line breaks, quotes and any of <>\\")]
"""It stands in the text of an EventBridge rule, where these mean something."""
TechniqueId = Annotated[str, matching(r"T\d{4}(\.\d{3})?", "a MITRE ATT&CK technique such as T1136.003")]
InsightType = Literal["ApiCallRateInsight", "ApiErrorRateInsight"]
"""https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_InsightSelector.html"""


class Detection(Settings):
    """One detection.

    >>> Detection(
    ...     id="key-made", title="An access key was made", level=Level.HIGH,
    ...     pattern='{ $.eventName = "CreateAccessKey" }', reason="A key outlives the session that made it.",
    ... )  # doctest: +SKIP
    """

    id: DetectionId = Field(max_length=64)
    """Names the metric, the filter and the alarm, each after the environment's prefix."""
    title: Title = Field(min_length=1, max_length=120)
    """A short sentence: what happened."""
    level: Level
    pattern: PatternText
    """What it counts, as the metric filter has it."""
    reason: str = Field(min_length=1, max_length=400)
    """Why it matters: read at 3 a.m."""
    is_published: bool = False
    """The text is a published control's (R-EVT-12), which auditors compare letter by letter: tuning makes a twin."""
    requirement: str | None = Field(None, max_length=40)
    """What it is there for, such as ``R-ALM-1``; stands in the alarm."""
    techniques: tuple[TechniqueId, ...] = ()
    """MITRE ATT&CK techniques that it may be a sign of, such as ``T1136.003``: https://attack.mitre.org."""
    references: tuple[str, ...] = ()
    """Web addresses."""
    period_seconds: int = Field(300, ge=60, le=86_400, multiple_of=60)
    """Events are counted over this long; CloudWatch slides the window minute by minute.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
    threshold: int = Field(0, ge=0)
    """The alarm fires when more events than this fall into one period."""
    only_outside_business_hours: bool = False
    """Count everything, but alarm only outside the environment's business hours (R-ALM-3)."""
    against_usual: bool = False
    """Its count is compared with what is usual at that hour, not with a threshold (R-ALM-5): ``AnomalyAlarms`` makes
    the alarm, over the period that is set there."""
    needs_insight: InsightType | None = None
    """CloudTrail writes these records only where the trail has this Insight on: elsewhere it is not deployed."""

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if self.against_usual and (self.threshold or self.only_outside_business_hours):
            raise fault("{id} is compared with what is usual: it takes no threshold and no business hours", id=self.id)
        return self

    def named(self, names: Mapping[str, str]) -> Self:
        """The same detection with the environment's names in place of `<these>`, validated anew.

        Args:
            names: by placeholder, such as ``archive_bucket``.

        Raises:
            ValidationError: if the pattern grows beyond 1,024 characters, or a name can't stand in it.
        """
        pattern = replace_placeholders(self.pattern, names)
        return self if pattern == self.pattern else type(self)(**{**dict(self), "pattern": pattern})


def replace_placeholders(text: str, names: Mapping[str, str]) -> str:
    """The text with names in place of `<these>`; a placeholder without a name stays.

    >>> replace_placeholders("<name_prefix>-email", {"name_prefix": "acme"})
    'acme-email'
    """
    return _PLACEHOLDER.sub(lambda found: names.get(found[1], found[0]), text)


def open_names(text: str) -> set[str]:
    """The `<placeholders>` in a text.

    >>> open_names("<name_prefix>-email")
    {'<name_prefix>'}
    """
    return {found[0] for found in _PLACEHOLDER.finditer(text)}


def fault_of_detections(detections: Sequence[Detection]) -> str | None:
    """What keeps these detections from standing on one log group; ``None`` if nothing does."""
    ids = [detection.id for detection in detections]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        return f"detections: {', '.join(twice)} stands more than once"
    if len(ids) > MAX_METRIC_FILTERS:
        return f"detections: {len(ids)}, and a log group takes {MAX_METRIC_FILTERS} metric filters"
    with_regexes = [one.id for one in detections if FilterPattern.parse(one.pattern).regex_count]
    if len(with_regexes) > MAX_PATTERNS_WITH_REGEXES:
        return (
            f"detections: {', '.join(with_regexes)} have regular expressions, and a log group takes"
            f" {MAX_PATTERNS_WITH_REGEXES} filters with any"
        )
    return None
