"""Tuning: off, another level or threshold, exclusions; CIS's texts stay, and nothing is silenced by a missing field."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from pydantic import ValidationError

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.detections.detection import Detection, Level
from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern
from cloudtrail_monitoring.detections.translations.text_forms import fits
from cloudtrail_monitoring.detections.tuning import Exclusions, Tuning, network_patterns
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
        assert self.pattern(source_networks=("203.0.113.0/24",)).matches(made(type="IAMUser"))

    def test_a_network_is_left_out(self) -> None:
        pattern = self.pattern(source_networks=("203.0.113.0/24",))
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
        "tuning", [Tuning(level=Level.LOW), Tuning(threshold=1_000_000), Tuning(period_seconds=600)]
    )
    def test_whatever_is_tuned_of_a_published_control_its_own_alarm_stays(self, tuning: Tuning) -> None:
        # R-EVT-12
        both = deployed(tuned_detections={"cis-iam-policy-change": tuning})
        assert both["cis-iam-policy-change"] == CATALOGUE["cis-iam-policy-change"]
        assert both["cis-iam-policy-change-tuned"].pattern == CATALOGUE["cis-iam-policy-change"].pattern

    def test_beside_its_twin_an_exact_filter_calls_nobody(self) -> None:
        # R-EVT-12: the auditor wants a topic, and the pipeline must not ring telephones
        both = deployed(
            tuned_detections={"cis-cloudtrail-change": Tuning(exclusions=Exclusions(role_arns=(PIPELINE,)))}
        )
        assert CATALOGUE["cis-cloudtrail-change"].level is Level.HIGH
        assert both["cis-cloudtrail-change"].level is Level.MEDIUM
        assert both["cis-cloudtrail-change-tuned"].level is Level.HIGH

    def test_what_merely_cites_the_controls_is_tuned_itself(self) -> None:
        both = deployed(tuned_detections={"cis-route-table-change-ec2": Tuning(level=Level.LOW)})
        assert both["cis-route-table-change-ec2"].level is Level.LOW
        assert "cis-route-table-change-ec2-tuned" not in both

    def test_a_twin_may_be_counted_only(self) -> None:
        # R-EVT-12
        tuning = Tuning(level=Level.LOW, exclusions=Exclusions(role_arns=(PIPELINE,)))
        both = deployed(tuned_detections={"cis-iam-policy-change": tuning})
        assert both["cis-iam-policy-change-tuned"].level is Level.LOW


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
        (
            {"tuned_detections": {"user-created": Tuning(exclusions=Exclusions(account_ids=(SAMPLE.account_id,)))}},
            "leaves out everybody of this environment",
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
        {"role_arns": ("arn:aws:sts::333333333333:assumed-role/ci/*",)},
        {"principal_arns": ("arn:aws:iam::333333333333:role/ci",)},
        {"source_networks": ("*",)},
        {"source_networks": ("0.0.0.0/0",)},
        {"source_networks": ("10.0.0.0/7",)},
        {"source_networks": ("::/0",)},
        {"account_ids": ("*",)},
    ],
)
def test_an_exclusion_that_would_silence_everybody_is_refused(exclusions: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Exclusions(**exclusions)


@pytest.mark.parametrize(
    ("network", "texts"),
    [
        ("203.0.113.7", ["203.0.113.7"]),
        ("203.0.113.0/24", ["203.0.113.*"]),
        ("198.51.100.0/22", ["198.51.100.*", "198.51.101.*", "198.51.102.*", "198.51.103.*"]),
        ("203.0.113.252/30", ["203.0.113.252", "203.0.113.253", "203.0.113.254", "203.0.113.255"]),
        ("172.16.0.0/12", [f"172.{number}.*" for number in range(16, 32)]),
        ("10.0.0.0/8", ["10.*"]),
        ("2001:db8::1", ["2001:db8::1"]),
    ],
)
def test_a_network_is_the_texts_its_addresses_fit(network: str, texts: list[str]) -> None:
    assert network_patterns(network) == texts


@pytest.mark.parametrize("prefix", range(8, 33))
@pytest.mark.parametrize("base", ["10.0.0.0", "203.0.113.0", "255.255.255.255", "0.1.0.0"])
def test_a_network_s_texts_fit_its_addresses_and_no_others(base: str, prefix: int) -> None:
    network = ip_network(f"{base}/{prefix}", strict=False)
    texts = network_patterns(str(network))
    inside = {network[0], network[-1], network[network.num_addresses // 2]}
    outside = {ip_address(number) for number in (int(network[0]) - 1, int(network[-1]) + 1) if 0 <= number < 2**32}
    for address in inside | outside:
        assert any(fits(text, str(address)) for text in texts) is (address in inside)


@pytest.mark.parametrize(
    ("network", "told"),
    [
        ("203.0.113.9/24", "has host bits set"),
        ("203.0.113.*", "does not appear to be an IPv4 or IPv6 network"),
        ("2001:db8::/32", "of IPv6 only single addresses"),
        ("10.0.0.0/13", None),
        ("10.0.0.0/11", "32 conditions, and 16 are the most"),
    ],
)
def test_a_network_that_no_filter_can_say_is_refused(network: str, told: str | None) -> None:
    if told is None:
        assert Exclusions(source_networks=(network,))
        return
    with pytest.raises(ValidationError, match=told):
        Exclusions(source_networks=(network,))
