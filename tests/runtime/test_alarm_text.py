"""R-RSP-6: what a record says stays on its line and fits where it is shown, whoever wrote it."""

from typing import Any

import pytest

from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE
from cloudtrail_monitoring.responders.runtime.alarm_text import read_description
from cloudtrail_monitoring.responders.runtime.alerts import MAX_SMS_CHARACTERS, MAX_SUBJECT_CHARACTERS
from tests.runtime.account import BEGIN, Account, Said
from tests.runtime.alarms import AT, MINUTE, Watched, description, fired, mail, policy_change, tell
from tests.runtime.records import by_root


@pytest.fixture
def watched(account: Account) -> Watched:
    account.clock.at = AT
    return Watched(account)


HOSTILE = (
    "\x1b[31m\r\nDone: all is well\u202e\u2028<a href='https://evil.example/'>https://evil.example/</a>" + "A" * 10_000
)


@pytest.mark.parametrize(
    "fields",
    [
        {"userAgent": HOSTILE},
        {"sourceIPAddress": HOSTILE},
        {"eventName": HOSTILE},
        {"eventSource": HOSTILE},
        {"awsRegion": HOSTILE},
        {"errorCode": HOSTILE},
        {"eventID": HOSTILE},
        {"userIdentity": {"type": "Root", "accountId": HOSTILE, "userName": HOSTILE}},
        {"requestParameters": {"userName": HOSTILE, "alarmNames": [HOSTILE, 5, None], "roleName": {"a": 1}}},
        {"responseElements": {"accessKey": {"accessKeyId": HOSTILE}}},
        # half of a pair, which JSON takes and UTF-8 does not
        {"eventID": "\ud800"},
        {"awsRegion": "\ud800", "userAgent": "\ud800"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_nothing_in_a_record_breaks_out_of_its_line(watched: Watched, fields: dict[str, Any]) -> None:
    detection = watched.detection("root-activity")
    watched.deliver(by_root("CreateUser", **fields))
    tell(watched, fired(detection, BEGIN + 3 * MINUTE, AT))
    said = watched.account.said()
    assert len(said) == 2
    for one in said:
        assert "https://evil" not in one.text
        assert "Done: all is well" not in one.text.splitlines()
        assert not any(ord(char) < 32 and char != "\n" for char in one.text)
        assert len(max(one.text.splitlines(), key=len)) < 1_000
    _assert_short_enough(said)


def _assert_short_enough(said: list[Said]) -> None:
    for one in said:
        if one.channel == "email":
            assert one.subject.isascii()
            assert "\n" not in one.subject
            assert len(one.subject) <= MAX_SUBJECT_CHARACTERS
        else:
            assert one.text.isascii()
            assert "\n" not in one.text
            assert len(one.text) <= MAX_SMS_CHARACTERS


def test_the_longest_names_fit_and_leave_the_address(watched: Watched) -> None:
    detection = watched.detection("access-key-created")
    address = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"
    watched.deliver(
        *(
            policy_change(
                f"2026-03-09T14:01:0{number}Z", user="ü" * 64, name="CreateAccessKey", sourceIPAddress=address
            )
            for number in range(3)
        )
    )
    tell(watched, fired(detection, BEGIN + 3 * MINUTE, AT))
    _assert_short_enough(watched.account.said())
    assert mail(watched).subject.endswith(f"from {address}")
    assert all(address in one.text for one in watched.account.said("sms"))


def test_the_description_of_every_alarm_is_understood() -> None:
    from cloudtrail_monitoring.alerting.security_alarms import describe

    for detection in CATALOGUE.values():
        text = describe(detection, "https://runbooks.example.com/")
        parts = read_description(text)
        assert (parts.title, parts.reason, parts.level) == (detection.title, detection.reason, detection.level.value)
        if detection.requirement:
            assert description(detection) == text
