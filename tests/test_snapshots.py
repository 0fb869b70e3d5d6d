"""The whole output of every stack, as it was last agreed on; ``pytest -n0 tests/test_snapshots.py --snapshot-update``.

Documents inside strings are opened, so that a change shows as the line it is. Left out are only CDKTF's own metadata
and the digests of the functions' code: what stands in the archives is ``tests/responders``' to say.
"""

import json
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.conftest import ENVIRONMENTS
from tests.synthesised import Stack

DOCUMENTS = ("policy", "assume_role_policy", "event_pattern", "redrive_policy", "RESPONDERS")
DIGESTS = ("filename", "source_code_hash")


def normalised(value: Any, name: str = "") -> Any:
    if name in DOCUMENTS and isinstance(value, str):
        return normalised(json.loads(value))
    if name in DIGESTS:
        return "of the archive"
    if isinstance(value, dict):
        parts = {key: normalised(part, key) for key, part in value.items() if (name, key) != ("//", "metadata")}
        return {key: part for key, part in parts.items() if (key, part) != ("//", {})}
    if isinstance(value, list):
        return [normalised(part) for part in value]
    return value


@pytest.mark.parametrize("name", [*ENVIRONMENTS, *(f"state-{one}" for one in ENVIRONMENTS)])
def test_the_output_is_what_was_agreed_on(name: str, stacks: dict[str, Stack], snapshot: SnapshotAssertion) -> None:
    assert normalised(stacks[name].document) == snapshot(extension_class=JSONSnapshotExtension)


def test_nothing_but_metadata_is_left_out() -> None:
    document = {"//": {"metadata": {"path": "x"}, "waivers": {"CKV_AWS_1": "why"}}, "policy": '{"a": [{"b": 1}]}'}
    assert normalised(document) == {"//": {"waivers": {"CKV_AWS_1": "why"}}, "policy": {"a": [{"b": 1}]}}
    assert normalised({"//": {"metadata": {}}, "metadata": 1}) == {"metadata": 1}
