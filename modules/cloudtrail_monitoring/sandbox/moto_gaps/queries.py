"""Athena: tags of a workgroup that has none."""

import json
from collections.abc import Iterable
from typing import Any

from .gap import Gap, Replacement


def _list_no_tags() -> Iterable[Replacement]:
    from moto.athena.responses import AthenaResponse

    def list_tags_for_resource(self: Any) -> str:
        return json.dumps(self.athena_backend.list_tags_for_resource(self._get_param("ResourceARN")) or {"Tags": []})

    yield Replacement(AthenaResponse, "list_tags_for_resource", list_tags_for_resource)


QUERY_GAPS = (
    Gap(
        operation="athena:ListTagsForResource",
        aws="answers with an empty list for a resource without tags",
        moto="answers that the resource does not exist",
        bridge=_list_no_tags,
    ),
)
