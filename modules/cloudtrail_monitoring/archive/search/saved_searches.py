"""The searches that stand ready in Athena's console: one a requirement, and one for each detection.

They look into the last seven days, and are edited there to look further; ``cloudtrail-monitoring search`` writes the
same for any days. What Athena can't say of a detection is left out: ``NotExpressible`` says why.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cloudtrail_monitoring.archive.search.archive_query import LastDays, archive_query
from cloudtrail_monitoring.archive.search.cloudtrail_table import SearchNames
from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Detection
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.translations.athena_predicate import NotExpressible, athena_predicate
from cloudtrail_monitoring.observability.query_catalogue import POLICY_ATTACHMENTS

DAYS = 7
MAX_DESCRIPTION = 1024
"""Characters; a name, which is shorter here, has 128. https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateNamedQuery.html"""


class Question(NamedTuple):
    """What is asked, as a filter pattern."""

    name: str
    description: str
    pattern: FilterPattern


# as ``query_catalogue`` asks them of the log group
REQUIRED = (
    Question(
        "requirements/user-creations",
        "R-QRY-1: IAM users that were made",
        FilterPattern.parse(CATALOGUE["user-created"].pattern),
    ),
    Question(
        "requirements/failed-logins",
        "R-QRY-2: console logins that failed",
        FilterPattern.parse(CATALOGUE["console-login-failures"].pattern),
    ),
    Question("requirements/policy-attachments", "R-QRY-3: policies attached to users and roles", POLICY_ATTACHMENTS),
)


class SavedSearch(NamedTuple):
    """A named query of the workgroup."""

    name: str
    description: str
    sql: str


def saved_searches(
    names: SearchNames, detections: Sequence[Detection], *, account_ids: Sequence[str]
) -> Iterator[SavedSearch]:
    """Those of the requirements, then those of the detections that Athena can express.

    Args:
        account_ids: at least one, whose folders are looked into.
    """
    asked = (
        *REQUIRED,
        *(
            Question(f"detections/{one.id}", f"{one.title}. {one.reason}", FilterPattern.parse(one.pattern))
            for one in detections
        ),
    )
    for question in asked:
        try:
            predicate = athena_predicate(question.pattern)
        except NotExpressible:
            continue
        sql = archive_query(names, LastDays(DAYS), account_ids=account_ids, conditions=[predicate])
        yield SavedSearch(question.name, question.description[:MAX_DESCRIPTION], sql)
