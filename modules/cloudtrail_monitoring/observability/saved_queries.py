"""Saved queries of CloudWatch Logs Insights: R-QRY-1 to R-QRY-3, what analysts ask first, and one for each detection.

They stand in folders under the environment's prefix (a ``/`` in the name makes one): ``requirements``,
``investigation``, ``detections/<level>`` and, where responders keep the category log groups, ``categories``. What they
ask is left to ``query_catalogue``.

Names and folders: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
"""

import re
from collections.abc import Mapping, Sequence

from cdktf import Annotations
from cdktf_cdktf_provider_aws.cloudwatch_query_definition import CloudwatchQueryDefinition
from constructs import Construct

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Detection
from cloudtrail_monitoring.observability.query_catalogue import (
    SavedQuery,
    category_queries,
    detection_queries,
    investigation_queries,
    required_queries,
)
from cloudtrail_monitoring.terraform_text import terraform_text
from cloudtrail_monitoring.validation import SettingsError

MAX_NAME_CHARACTERS = 255
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html"""


class SavedQueries(Construct):
    """The queries of one environment.

    Args:
        detections: as deployed; one of yours that Logs Insights can't say has no query, and a warning says so at synth.
        account_id: of the environment.
        prefix: names the folder, so that environments never share one.
        log_group_name: of the trail.
        category_log_groups: those of R-QRY-4, by name, each as Terraform refers to it; without them nothing asks them.

    Attributes:
        queries: by full name.
        not_expressible: why a detection has no query, by its id.

    Raises:
        SettingsError: if a name is longer than the 255 characters that CloudWatch takes.

    >>> SavedQueries(
    ...     stack, "saved-queries", detections=tuple(CATALOGUE.values()), account_id="333333333333",
    ...     prefix="acme-audit", log_group_name="CloudTrail/acme",
    ... )  # doctest: +SKIP
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        detections: Sequence[Detection],
        account_id: str,
        prefix: str,
        log_group_name: str,
        category_log_groups: Mapping[str, str] = {},
    ) -> None:
        super().__init__(scope, id_)
        of_detections, self.not_expressible = detection_queries(detections)
        for id_of_detection, reason in self.not_expressible.items():
            # what is shipped says so in its runbook
            if id_of_detection not in CATALOGUE:
                Annotations.of(self).add_warning(f"{id_of_detection} has no saved query: {reason}")
        self.queries: dict[str, CloudwatchQueryDefinition] = {}
        for query in (
            *required_queries(),
            *investigation_queries(account_id),
            *(query for query in category_queries() if query.log_group_name in category_log_groups),
            *of_detections,
        ):
            name = query.full_name(prefix)
            if len(name) > MAX_NAME_CHARACTERS:
                raise SettingsError(f"{name} is too long for the name of a saved query: {MAX_NAME_CHARACTERS} at most")
            self.queries[name] = CloudwatchQueryDefinition(
                self,
                _construct_id(query),
                name=terraform_text(name),
                query_string=terraform_text(query.text),
                log_group_names=[category_log_groups.get(query.log_group_name or "", log_group_name)],
            )


def _construct_id(query: SavedQuery) -> str:
    """Without the level: a detection that another level is given keeps its resource."""
    return re.sub(r"[^A-Za-z0-9]+", "-", f"{query.folder}-{query.name.split('/')[-1]}")
