"""Athena: tags of a workgroup that has none, and named queries that can be deleted."""

import json
from collections.abc import Iterable
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
)
