"""Athena: tags of a workgroup that has none, named queries that can be deleted, workgroups that can be changed."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .gap import Gap, Replacement


def _list_no_tags() -> Iterable[Replacement]:
    from moto.athena.responses import AthenaResponse

    def list_tags_for_resource(self: Any) -> str:
        return json.dumps(self.athena_backend.list_tags_for_resource(self._get_param("ResourceARN")) or {"Tags": []})

    yield Replacement(AthenaResponse, "list_tags_for_resource", list_tags_for_resource)


def _delete_named_queries() -> Iterable[Replacement]:
    from moto.athena.responses import AthenaResponse

    def delete_named_query(self: Any) -> Any:
        key = self._get_param("NamedQueryId")
        if self.athena_backend.named_queries.pop(key, None) is None:
            return self.error(f"Named query {key} was not found", 400)
        return json.dumps({})

    yield Replacement(AthenaResponse, "delete_named_query", delete_named_query)


def updated_configuration(configuration: Mapping[str, Any], updates: Mapping[str, Any]) -> dict[str, Any]:
    """A workgroup's configuration after ``ConfigurationUpdates``.

    What is named replaces what was there, a ``Remove...`` takes it away, and ``ResultConfigurationUpdates`` does the
    same within ``ResultConfiguration``.

    https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroupConfigurationUpdates.html
    """
    changed = dict(configuration)
    for name, value in updates.items():
        if name == "ResultConfigurationUpdates":
            changed["ResultConfiguration"] = updated_configuration(changed.get("ResultConfiguration", {}), value)
        elif name.startswith("Remove"):
            if value:
                changed.pop(name.removeprefix("Remove"), None)
        else:
            changed[name] = value
    return changed


def _update_workgroups() -> Iterable[Replacement]:
    from moto.athena.responses import AthenaResponse

    def update_work_group(self: Any) -> Any:
        name = self._get_param("WorkGroup")
        workgroup = self.athena_backend.work_groups.get(name)
        if workgroup is None:
            return self.error(f"WorkGroup {name} is not found.", 400)
        workgroup.description = self._get_param("Description", workgroup.description)
        workgroup.state = self._get_param("State", workgroup.state)
        updates = self._get_param("ConfigurationUpdates", {})
        workgroup.configuration = updated_configuration(workgroup.configuration, updates)
        return json.dumps({})

    yield Replacement(AthenaResponse, "update_work_group", update_work_group)


QUERY_GAPS = (
    Gap(
        operation="athena:ListTagsForResource",
        aws="answers with an empty list for a resource without tags",
        moto="answers that the resource does not exist",
        bridge=_list_no_tags,
    ),
    Gap(
        operation="athena:DeleteNamedQuery",
        aws="deletes a named query",
        moto="does not know the call",
        bridge=_delete_named_queries,
    ),
    Gap(
        operation="athena:UpdateWorkGroup",
        aws="changes the configuration, the description and the state of a workgroup",
        moto="does not know the call",
        bridge=_update_workgroups,
    ),
)
