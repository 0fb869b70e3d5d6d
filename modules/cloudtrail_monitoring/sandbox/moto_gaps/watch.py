"""CloudWatch: composite alarms, which moto stores but can't create; saved queries, and the classes of log groups."""

import json
import uuid
from collections.abc import Iterable
from typing import Any

from .gap import Gap, Replacement


def _create_composite_alarms() -> Iterable[Replacement]:
    from moto.cloudwatch.responses import CloudWatchResponse

    def put_composite_alarm(self: Any) -> Any:
        return self.put_metric_alarm()

    yield Replacement(CloudWatchResponse, "put_composite_alarm", put_composite_alarm)


def _keep_saved_queries() -> Iterable[Replacement]:
    from moto.core.utils import unix_time_millis
    from moto.logs.exceptions import ResourceNotFoundException
    from moto.logs.responses import LogsResponse

    def saved(response: Any) -> dict[str, dict[str, Any]]:
        # kept on the backend itself, so that they end with its other contents
        queries: dict[str, dict[str, Any]] = vars(response.logs_backend).setdefault("saved_queries", {})
        return queries

    def put_query_definition(self: Any) -> str:
        queries = saved(self)
        key = self._get_param("queryDefinitionId")
        if key and key not in queries:
            raise ResourceNotFoundException
        key = key or str(uuid.uuid4())
        queries[key] = {
            "queryDefinitionId": key,
            "queryLanguage": self._get_param("queryLanguage") or "CWLI",
            "name": self._get_param("name"),
            "queryString": self._get_param("queryString"),
            "logGroupNames": self._get_param("logGroupNames") or [],
            "lastModified": int(unix_time_millis()),
        }
        return json.dumps({"queryDefinitionId": key})

    def describe_query_definitions(self: Any) -> str:
        prefix = self._get_param("queryDefinitionNamePrefix") or ""
        return json.dumps({"queryDefinitions": [q for q in saved(self).values() if q["name"].startswith(prefix)]})

    def delete_query_definition(self: Any) -> str:
        if saved(self).pop(self._get_param("queryDefinitionId"), None) is None:
            raise ResourceNotFoundException
        return json.dumps({"success": True})

    for operation in (put_query_definition, describe_query_definitions, delete_query_definition):
        yield Replacement(LogsResponse, operation.__name__, operation)


def _keep_log_group_classes() -> Iterable[Replacement]:
    from moto.logs.models import LogGroup
    from moto.logs.responses import LogsResponse

    create, describe = LogsResponse.create_log_group, LogGroup.to_describe_dict

    def create_log_group(self: Any) -> str:
        answer = create(self)
        group = self.logs_backend.groups[self._get_param("logGroupName")]
        group.log_group_class = self._get_param("logGroupClass") or "STANDARD"
        return answer

    def to_describe_dict(self: Any) -> dict[str, Any]:
        return {**describe(self), "logGroupClass": getattr(self, "log_group_class", "STANDARD")}

    yield Replacement(LogsResponse, "create_log_group", create_log_group)
    yield Replacement(LogGroup, "to_describe_dict", to_describe_dict)


WATCH_GAPS = (
    Gap(
        operation="cloudwatch:PutCompositeAlarm",
        aws="creates an alarm over other alarms",
        moto="stores and describes such alarms, but does not know the call",
        bridge=_create_composite_alarms,
    ),
    Gap(
        operation="logs:PutQueryDefinition",
        aws="saves, lists and deletes Logs Insights queries",
        moto="does not know the calls",
        bridge=_keep_saved_queries,
    ),
    Gap(
        operation="logs:CreateLogGroup",
        aws="keeps the class of a log group and describes it",
        moto="forgets it: a log group with an explicit class would be replaced by every plan",
        bridge=_keep_log_group_classes,
    ),
)
