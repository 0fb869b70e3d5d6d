"""A deployed detection in the languages of other services, for people to paste: the same question, from the same tree.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html (Logs Insights)
https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html (Athena)
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
"""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern


class Language(StrEnum):
    """Where a detection is asked."""

    INSIGHTS = "insights"
    ATHENA = "athena"
    EVENTBRIDGE = "eventbridge"


def said_in(language: Language, pattern: "FilterPattern") -> str:
    """The pattern in another language.

    Raises:
        NotExpressible: the language can't say it; the clause and the reason in one line.
    """
    return _SAID[language](pattern)


def _insights(pattern: "FilterPattern") -> str:
    from cloudtrail_monitoring.detections.translations.insights_query import insights_query

    return insights_query(pattern)


def _athena(pattern: "FilterPattern") -> str:
    from cloudtrail_monitoring.detections.translations.athena_predicate import athena_predicate

    return athena_predicate(pattern)


def _eventbridge(pattern: "FilterPattern") -> str:
    from cloudtrail_monitoring.detections.translations.event_pattern import event_pattern

    return json.dumps({"detail": event_pattern(pattern)}, indent=2)


_SAID: "Mapping[Language, Callable[[FilterPattern], str]]" = {
    Language.INSIGHTS: _insights,
    Language.ATHENA: _athena,
    Language.EVENTBRIDGE: _eventbridge,
}
