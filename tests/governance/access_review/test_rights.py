"""The tables of rights and intents: actions that AWS has, and no right that nothing amounts to."""

import re

import botocore.session
import pytest

from cloudtrail_monitoring.governance.access_review.intents import intents
from cloudtrail_monitoring.governance.access_review.rights import ACTIONS, Kind, Right
from tests.settings_samples import SAMPLE

NAMED_BY_IAM_ALONE = {"budgets:ModifyBudget", "kms:ReEncryptFrom", "lambda:InvokeFunction"}
"""Permissions that are not called as the operation they are for; most of S3's aren't either."""

SERVICES = {"logs": "logs", "events": "events", "scheduler": "scheduler", "ssm": "ssm"}
EVERY_ACTION = sorted(
    {action for rights in ACTIONS.values() for ways in rights.values() for way in ways for action in way.all}
)


@pytest.mark.parametrize("action", EVERY_ACTION)
def test_an_action_is_one_of_aws(action: str) -> None:
    # R-INT-4
    service, name = action.split(":")
    if service == "s3" or action in NAMED_BY_IAM_ALONE:
        assert re.fullmatch(r"[A-Z][A-Za-z]+", name)
        return
    operations = botocore.session.Session().get_service_model(SERVICES.get(service, service)).operation_names
    assert name in operations


def test_every_kind_has_rights_and_every_right_an_action() -> None:
    assert set(ACTIONS) == set(Kind)
    for rights in ACTIONS.values():
        assert rights
        assert all(way.all for ways in rights.values() for way in ways)


def test_letters_tell_rights_apart() -> None:
    assert len({right.letter for right in Right}) == len(Right)


def test_who_must_have_a_right_is_not_left_out_of_those_who_may() -> None:
    for rights in intents(SAMPLE).values():
        for intent in rights.values():
            assert all(intent.allows(frozenset({group})) for group in intent.must)
            assert re.fullmatch(r"R-[A-Z]{3}-\d+", intent.requirement)
