"""What Terraform, or AWS itself, refuses to delete in each environment, over the synthesised output (R-DEL-1)."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.conftest import ENVIRONMENTS, PROJECT
from tests.synthesised import Resource, Stack

PROTECTED = {"dev": False, "staging": True, "prod": True}

# construct paths below the stack
NEVER_DESTROYED = {
    "archive/logs/bucket": "the archive",
    "archive/access-logs/bucket": "who read the archive",
    "trail-key/key": "without it the archive can't be read",
    "trail/trail": "the trail",
    "trail/log-delivery/log-group": "what alarms and queries read",
    "responders/key/key": "without it no incident can be read",
    "evidence/evidence/bucket": "the evidence of incidents",
    "evidence/access-logs/bucket": "who read the evidence",
    "search/query-results/results/bucket": "what was found, for as long as it is kept",
    "search/query-results/access-logs/bucket": "who read what was found",
}
NEVER_DESTROYED_WITH_THE_STATE = {
    "state/bucket": "every version of the state",
    "access-logs/bucket": "who read or wrote the state",
}
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html
REFUSED_BY_AWS = {"responders/store/incidents": "deletion_protection_enabled"}

# the longest that KMS takes: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
KEY_WAITS_DAYS = 30


def path_of(resource: Resource) -> str:
    return str(resource["//"]["metadata"]["path"]).split("/", 1)[1]


def never_destroyed(stack: Stack) -> set[str]:
    return {path_of(one) for one in stack.resources() if one.get("lifecycle", {}).get("prevent_destroy")}


def refused_by_aws(stack: Stack) -> Iterator[tuple[str, str]]:
    """Resources with a switch of AWS's own against deletion that is on, and the switch."""
    switches = ("deletion_protection", "deletion_protection_enabled", "enable_deletion_protection")
    for one in stack.resources():
        yield from ((path_of(one), switch) for switch in switches if one.get(switch))


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_terraform_refuses_to_destroy_what_is_evidence(name: str, stacks: dict[str, Stack]) -> None:
    # R-DEL-1, R-INT-2
    wanted = (set(NEVER_DESTROYED), set(NEVER_DESTROYED_WITH_THE_STATE)) if PROTECTED[name] else (set(), set())
    assert (never_destroyed(stacks[name]), never_destroyed(stacks[f"state-{name}"])) == wanted


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_aws_refuses_to_delete_the_incidents(name: str, stacks: dict[str, Stack]) -> None:
    # R-DEL-1, R-RSP-5
    assert dict(refused_by_aws(stacks[name])) == (REFUSED_BY_AWS if PROTECTED[name] else {})
    assert dict(refused_by_aws(stacks[f"state-{name}"])) == {}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_only_dev_empties_its_buckets_when_it_goes(name: str, stacks: dict[str, Stack]) -> None:
    # R-DEL-1; the bucket of the states is never emptied: others may keep theirs in it
    emptied = {
        path_of(bucket)
        for stack in (stacks[name], stacks[f"state-{name}"])
        for bucket in stack.all("aws_s3_bucket")
        if bucket.get("force_destroy")
    }
    unprotected = {"archive/logs/bucket", "archive/access-logs/bucket", "access-logs/bucket"}
    assert emptied == (set() if PROTECTED[name] else unprotected)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_key_waits_as_long_as_kms_lets_it(name: str, stacks: dict[str, Stack]) -> None:
    # R-DEL-1: time to take a deletion back
    keys = stacks[name].all("aws_kms_key")
    assert keys
    assert {key["deletion_window_in_days"] for key in keys} == {KEY_WAITS_DAYS}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_table_can_be_taken_back_to_a_point_in_time(name: str, stacks: dict[str, Stack]) -> None:
    # R-DEL-1
    tables = stacks[name].all("aws_dynamodb_table")
    assert bool(tables) is PROTECTED[name]
    assert all(table["point_in_time_recovery"]["enabled"] for table in tables)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_make_destroys_the_environment_that_is_named_and_no_state(name: str) -> None:
    # R-DEL-1: the stack of the state bucket stays, and with it every version of the state
    command = ["make", "--dry-run", "destroy", f"ENV={name}"]
    said = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert [line for line in said.splitlines() if "destroy" in line] == [f'cdktf destroy "{name}"']
