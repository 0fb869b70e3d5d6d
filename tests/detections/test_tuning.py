"""Tuning: off, another level or threshold, exclusions; CIS's texts stay, and nothing is silenced by a missing field."""

from typing import Any

import pytest
from pydantic import ValidationError

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Detection, Level
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.tuning import Exclusions, Tuning
from tests.settings_samples import SAMPLE, changed

PIPELINE = "arn:aws:iam::333333333333:role/pipeline"
REASON = "the sandbox account makes users all day"


def deployed(**fields: Any) -> dict[str, Detection]:
    return {one.id: one for one in changed(SAMPLE, **fields).deployed_detections}


def made(**identity: Any) -> dict[str, Any]:
    return {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser", "userIdentity": identity}


def test_nothing_is_tuned_by_default() -> None:
    assert deployed().keys() == CATALOGUE.keys()


def test_a_disabled_detection_is_gone() -> None:
    assert CATALOGUE.keys() - deployed(disabled_detections={"user-created": REASON}).keys() == {"user-created"}


def test_level_threshold_and_period_are_replaced() -> None:
    tuning = Tuning(level=Level.HIGH, threshold=3, period_seconds=600)
    one = deployed(tuned_detections={"user-created": tuning})["user-created"]
    assert (one.level, one.threshold, one.period_seconds) == (Level.HIGH, 3, 600)
    assert one.pattern == CATALOGUE["user-created"].pattern


class TestExclusions:
    def pattern(self, **exclusions: Any) -> FilterPattern:
        tuning = Tuning(exclusions=Exclusions(**exclusions))
        return FilterPattern.parse(deployed(tuned_detections={"user-created": tuning})["user-created"].pattern)

    def test_the_excluded_role_is_left_out_and_its_neighbour_is_not(self) -> None:
        pattern = self.pattern(role_arns=(PIPELINE,))
        assert not pattern.matches(made(sessionContext={"sessionIssuer": {"arn": PIPELINE}}))
        assert pattern.matches(made(sessionContext={"sessionIssuer": {"arn": f"{PIPELINE}-2"}}))

    def test_a_record_without_the_field_is_not_left_out(self) -> None:
        assert self.pattern(role_arns=(PIPELINE,)).matches(made(type="IAMUser"))
        assert self.pattern(source_addresses=("203.0.113.*",)).matches(made(type="IAMUser"))

    def test_a_network_is_left_out(self) -> None:
        pattern = self.pattern(source_addresses=("203.0.113.*",))
        assert not pattern.matches({**made(type="IAMUser"), "sourceIPAddress": "203.0.113.9"})
        assert pattern.matches({**made(type="IAMUser"), "sourceIPAddress": "203.0.114.9"})

    def test_a_trusted_account_is_left_out(self) -> None:
        # R-EVT-8
        pattern = self.pattern(account_ids=("111122223333",))
        assert not pattern.matches(made(accountId="111122223333"))
        assert pattern.matches(made(accountId="444455556666"))

    def test_a_cis_filter_stays_and_gets_a_tuned_twin(self) -> None:
        # R-EVT-12
        id_ = "cis-iam-policy-change"
        tuning = Tuning(level=Level.HIGH, exclusions=Exclusions(role_arns=(PIPELINE,)))
        both = deployed(tuned_detections={id_: tuning})
        assert both[id_] == CATALOGUE[id_]
        assert both[f"{id_}-tuned"].level is Level.HIGH
        assert PIPELINE in both[f"{id_}-tuned"].pattern


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"disabled_detections": {"nothing": REASON}}, "disabled_detections: there is no detection 'nothing'"),
        ({"tuned_detections": {"nothing": Tuning()}}, "tuned_detections: there is no detection 'nothing'"),
        (
            {"disabled_detections": {"user-created": REASON}, "tuned_detections": {"user-created": Tuning()}},
            "user-created is disabled, too",
        ),
        ({"disabled_detections": {"user-created": "n/a"}}, "a reason of 20 to 400 characters"),
        (
            {
                "tuned_detections": {
                    "user-created": Tuning(
                        exclusions=Exclusions(role_arns=tuple(f"{PIPELINE}-{number}" for number in range(20)))
                    )
                }
            },
            "tuned_detections.user-created: the pattern with its exclusions is refused",
        ),
    ],
)
def test_what_cannot_be_tuned_is_refused_in_words(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        changed(SAMPLE, **fields)


@pytest.mark.parametrize(
    "exclusions",
    [
        {"principal_arns": ("*",)},
        {"principal_arns": ("arn:aws:iam::333333333333:*",)},
        {"role_arns": ("arn:*",)},
        {"source_addresses": ("*",)},
        {"source_addresses": ("0.0.0.0/0",)},
        {"account_ids": ("*",)},
    ],
)
def test_an_exclusion_that_would_silence_everybody_is_refused(exclusions: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Exclusions(**exclusions)
