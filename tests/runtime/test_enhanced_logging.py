"""R-RSP-3: what starts the second trail, for how long, how often people are told, and that it stops by itself."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import ClientError

from cloudtrail_monitoring.responders.runtime.containment import Containment, Kind, Status
from cloudtrail_monitoring.responders.runtime.enhanced_logging import OffHoursLogging, TrailLogging, is_administrative
from cloudtrail_monitoring.responders.runtime.incidents import Incidents
from cloudtrail_monitoring.responders.runtime.responder import Toolbox
from cloudtrail_monitoring.responders.runtime.table import Table
from tests.runtime.account import ACCOUNT, CONFIGURATION, PREFIX, Account
from tests.runtime.records import Record, event

assert CONFIGURATION.enhanced_logging
SETTINGS = CONFIGURATION.enhanced_logging
KEY = f"{Kind.ENHANCED_LOGGING}#{SETTINGS.trail_arn}"
NEW_YORK = ZoneInfo("America/New_York")
NIGHT = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
"""A Monday, 21:00 in New York."""

ALICE = {"type": "IAMUser", "accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:user/alice", "userName": "alice"}
ROOT = {"type": "Root", "accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root"}


def session_of(role: str) -> dict[str, Any]:
    name = role.rpartition("/")[2]
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/s",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}"}},
    }


def change(at: datetime = NIGHT, name: str = "CreateUser", **fields: Any) -> Record:
    return {
        "eventVersion": "1.11",
        "eventID": f"{name}-{at.isoformat()}",
        "eventTime": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "iam.amazonaws.com",
        "eventName": name,
        "eventType": "AwsApiCall",
        "awsRegion": "us-east-1",
        "recipientAccountId": ACCOUNT,
        "sourceIPAddress": "81.2.69.7",
        "userAgent": "aws-cli/2",
        "userIdentity": ALICE,
        "readOnly": False,
        **fields,
    }


def tools(account: Account) -> Toolbox:
    return account.toolbox({Kind.ENHANCED_LOGGING: TrailLogging(account.aws.cloudtrail)})


def respond(account: Account, *records: Record) -> None:
    """As a function does that has just started."""
    settings = account.configuration.enhanced_logging
    assert settings
    responder = OffHoursLogging(tools(account), settings)
    for record in records:
        responder.respond(event(record))


def settings(account: Account, **changes: Any) -> None:
    account.configure(enhanced_logging=replace(SETTINGS, **changes))


def timeline(account: Account) -> list[str]:
    incidents = Incidents(
        Table(account.aws.table(account.configuration.incidents_table)),
        Table(account.aws.table(account.configuration.state_table)),
    )
    (header,) = account.incident_headers()
    return [entry.text for entry in incidents.timeline(header["pk"])]


def ends_at(account: Account) -> datetime:
    (item,) = account.containment_items()
    return datetime.fromisoformat(item["ends_at"])


@pytest.fixture
def night(account: Account) -> Account:
    account.clock.at = NIGHT + timedelta(minutes=2)
    return account


class TestWhatIsAdministrative:
    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"errorCode": "AccessDenied"},
            {"userIdentity": session_of("admin")},
            {"userIdentity": session_of(f"{PREFIX}")},
            {"userIdentity": session_of(f"other/{PREFIX}-router")},
            {"userIdentity": session_of(f"not-{PREFIX}-router")},
            {"userIdentity": session_of(f"{PREFIX}-router-2")},
            {"userIdentity": session_of(f"{PREFIX}-x")},
            {"userIdentity": {**ALICE, "invokedBy": "cloudformation.amazonaws.com"}},
            {"userIdentity": ROOT},
            {"userIdentity": ROOT, "eventSource": "s3.amazonaws.com", "eventName": "DeleteBucket"},
            {
                "userIdentity": ROOT,
                "eventSource": "signin.amazonaws.com",
                "eventName": "ConsoleLogin",
                "responseElements": {"ConsoleLogin": "Success"},
            },
        ],
    )
    def test_somebody_changes_iam_or_acts_as_root(self, fields: dict[str, Any]) -> None:
        assert is_administrative(event(change(**fields)), CONFIGURATION)

    @pytest.mark.parametrize(
        "fields",
        [
            {"readOnly": True},
            {"readOnly": None},
            {"readOnly": "false"},
            {"eventSource": "s3.amazonaws.com"},
            {"eventSource": "signin.amazonaws.com"},
            {"userIdentity": session_of(f"{PREFIX}-router")},
            {"userIdentity": session_of(f"{PREFIX}-release")},
            {"userIdentity": session_of("aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport")},
            {"userIdentity": {"type": "AWSService", "invokedBy": "config.amazonaws.com"}},
            {"eventType": "AwsServiceEvent"},
            {"userIdentity": {**ROOT, "invokedBy": "AWS Internal"}},
            {
                "userIdentity": ROOT,
                "eventSource": "signin.amazonaws.com",
                "eventName": "ConsoleLogin",
                "errorMessage": "Failed authentication",
                "responseElements": {"ConsoleLogin": "Failure"},
            },
            {"userIdentity": ROOT, "eventSource": "signin.amazonaws.com", "eventName": "PasswordRecoveryRequested"},
        ],
    )
    def test_reading_aws_and_this_system_do_not_count(self, fields: dict[str, Any]) -> None:
        assert not is_administrative(event(change(**fields)), CONFIGURATION)

    def test_a_role_of_our_name_in_another_account_is_not_ours(self) -> None:
        identity = session_of(f"{PREFIX}-router")
        identity["sessionContext"]["sessionIssuer"]["arn"] = f"arn:aws:iam::999999999999:role/{PREFIX}-router"
        assert is_administrative(event(change(userIdentity=identity)), CONFIGURATION)


class TestHours:
    @pytest.mark.parametrize(
        ("local", "starts"),
        [
            ("2026-03-09T07:59:59", True),
            ("2026-03-09T08:00:00", False),
            ("2026-03-09T17:59:59", False),
            ("2026-03-09T18:00:00", True),
            ("2026-03-07T12:00:00", True),
            ("2026-12-25T12:00:00", True),
            # the Fridays around both changes of the clock in New York: 08:00 is 13:00 UTC, then 12:00, then 13:00
            ("2026-03-06T08:00:00", False),
            ("2026-03-06T07:59:59", True),
            ("2026-03-13T08:00:00", False),
            ("2026-03-13T07:59:59", True),
            ("2026-11-06T08:00:00", False),
            ("2026-11-06T07:59:59", True),
        ],
    )
    def test_hours_are_local(self, account: Account, local: str, starts: bool) -> None:
        at = datetime.fromisoformat(local).replace(tzinfo=NEW_YORK).astimezone(UTC)
        account.clock.at = at
        respond(account, change(at))
        assert account.is_logging() is starts
        assert bool(account.said()) is starts

    @pytest.mark.parametrize(
        ("local", "starts"),
        [
            ("2026-03-09T21:59:59", True),
            ("2026-03-09T22:00:00", False),
            ("2026-03-10T05:59:59", False),
            ("2026-03-10T06:00:00", True),
            ("2026-03-14T05:00:00", False),  # Friday's night
            ("2026-03-14T22:30:00", True),
            ("2026-03-09T05:00:00", True),  # Sunday's
            ("2026-12-26T05:00:00", True),  # a holiday's
        ],
    )
    def test_a_window_past_midnight_belongs_to_the_day_it_begins(
        self, account: Account, local: str, starts: bool
    ) -> None:
        settings(account, start="22:00", end="06:00")
        at = datetime.fromisoformat(local).replace(tzinfo=NEW_YORK).astimezone(UTC)
        account.clock.at = at
        respond(account, change(at))
        assert account.is_logging() is starts

    def test_the_time_of_the_event_counts_not_of_its_delivery(self, account: Account) -> None:
        last_in_hours = datetime(2026, 3, 9, 21, 59, tzinfo=UTC)
        account.clock.at = last_in_hours + timedelta(minutes=10)
        respond(account, change(last_in_hours))
        assert not account.is_logging()


class TestLogging:
    def test_it_runs_until_so_long_after_the_event_and_stops_by_itself(self, night: Account) -> None:
        respond(night, change())
        assert night.is_logging()
        assert night.schedules() == {KEY: NIGHT + timedelta(minutes=60)}
        night.clock.at = NIGHT + timedelta(minutes=60)
        (ended,) = night.fire_schedules(tools(night))
        assert ended.status is Status.ENDED
        assert not night.is_logging()

    def test_further_activity_prolongs_it_and_is_told_once(self, night: Account) -> None:
        respond(night, change(), change(NIGHT + timedelta(minutes=40), "DeleteUser"))
        assert night.schedules() == {KEY: NIGHT + timedelta(minutes=100)}
        assert len(night.said("email")) == 1
        first, second = timeline(night)
        assert "CreateUser" in first
        assert "DeleteUser" in second

    def test_activity_after_it_stopped_starts_it_anew(self, night: Account) -> None:
        respond(night, change())
        night.clock.move(hours=2)
        night.fire_schedules(tools(night))
        respond(night, change(NIGHT + timedelta(hours=2)))
        assert night.is_logging()
        assert len(night.incident_headers()) == len(night.said("email")) == 2

    def test_activity_after_a_schedule_got_lost_is_an_incident_of_its_own(self, night: Account) -> None:
        respond(night, change())
        night.clock.move(hours=2)
        respond(night, change(NIGHT + timedelta(hours=2)))
        assert ends_at(night) == NIGHT + timedelta(hours=3)
        assert len(night.incident_headers()) == len(night.said("email")) == 2

    def test_the_alert_says_who_what_when_where_and_how_to_undo(self, night: Account) -> None:
        respond(night, change(errorCode="AccessDenied"))
        (mail,) = night.said()
        assert mail.subject == "Enhanced logging started: CreateUser by user alice"
        for text in (
            "user alice",
            "CreateUser (iam.amazonaws.com)",
            "AccessDenied",
            "2026-03-10 01:00:00 UTC (Mon 21:00 EDT)",
            "81.2.69.7, in us-east-1",
            "Mon-Fri 08:00-18:00 America/New_York",
            "until 2026-03-10 02:00:00 UTC",
            "aws lambda invoke",
            ACCOUNT,
            night.incident_headers()[0]["pk"],
            "https://runbooks.example.com/off-hours-iam-policy-change.md",
        ):
            assert text in mail.text, mail.text

    def test_the_switch_makes_it_alert_only_once_a_day(self, night: Account) -> None:
        night.switch("off")
        respond(night, change(), change(NIGHT + timedelta(minutes=1)))
        assert not night.is_logging()
        (mail,) = night.said()
        assert "switched off" in mail.text
        assert night.containment_items() == night.incident_headers() == []


class TestDelivery:
    def test_twice_is_once(self, night: Account) -> None:
        respond(night, change(), change())
        respond(night, change())
        assert len(night.said()) == len(timeline(night)) == 1
        assert night.calls("StartLogging") == 1

    def test_again_after_the_end_changes_nothing(self, night: Account) -> None:
        respond(night, change())
        night.clock.move(hours=1)
        night.fire_schedules(tools(night))
        respond(night, change())
        assert not night.is_logging()
        assert len(night.said()) == 1

    def test_again_after_people_ended_it_changes_nothing(self, night: Account) -> None:
        respond(night, change())
        tools(night).containments.end_now(KEY)
        respond(night, change())
        assert not night.is_logging()

    def test_out_of_order_comes_to_the_same_end(self, night: Account) -> None:
        respond(night, change(NIGHT + timedelta(minutes=10)), change())
        assert night.schedules() == {KEY: NIGHT + timedelta(minutes=70)}
        assert len(night.said()) == 1
        assert len(timeline(night)) == 2

    def test_hours_late_starts_nothing_and_is_told_once_a_day(self, night: Account) -> None:
        night.clock.move(hours=3)
        respond(night, change(), change(NIGHT + timedelta(minutes=1)), change())
        assert night.calls("StartLogging") == 0
        (mail,) = night.said()
        assert "arrived more than 60 minutes" in mail.text
        assert night.containment_items() == []

    def test_hours_late_within_time_that_was_logged_is_a_note(self, night: Account) -> None:
        respond(night, change())
        night.clock.move(hours=3)
        night.fire_schedules(tools(night))
        respond(night, change(NIGHT + timedelta(minutes=20), "DeleteUser"))
        assert not night.is_logging()
        assert len(night.said()) == 1
        assert len(timeline(night)) == 2

    def test_a_little_late_logs_until_the_events_end(self, night: Account) -> None:
        night.clock.move(minutes=50)
        respond(night, change())
        assert night.schedules() == {KEY: NIGHT + timedelta(minutes=60)}


class TestTheSchedule:
    def test_early_leaves_it_on(self, night: Account) -> None:
        respond(night, change())
        night.clock.move(minutes=10)
        tools(night).containments.reconcile(KEY)
        assert night.is_logging()

    def test_late_and_twice_stops_it_once(self, night: Account) -> None:
        respond(night, change())
        night.clock.move(hours=5)
        for _ in range(2):
            tools(night).containments.reconcile(KEY)
        assert not night.is_logging()
        assert night.calls("StopLogging") == 1

    def test_lost_is_mended_by_the_sweep(self, night: Account) -> None:
        respond(night, change())
        for listed in night.scheduler.list_schedules(GroupName=PREFIX)["Schedules"]:
            night.scheduler.delete_schedule(Name=listed["Name"], GroupName=PREFIX)
        night.clock.move(hours=2)
        tools(night).containments.sweep()
        assert not night.is_logging()


def every(minutes: int, hours: int, begin: datetime = NIGHT) -> Iterable[datetime]:
    return (begin + timedelta(minutes=minutes * number) for number in range(hours * 60 // minutes))


class TestTheCap:
    def test_a_day_has_no_more_minutes_than_allowed_and_it_is_told_once(self, night: Account) -> None:
        settings(night, most_minutes_a_day=90)
        for at in every(15, hours=3):  # 21:00 to 24:00
            night.clock.at = at
            respond(night, change(at))
            night.fire_schedules(tools(night))
        assert ends_at(night) == NIGHT + timedelta(minutes=90)
        assert not night.is_logging()
        started, capped = sorted(night.said(), key=lambda one: "not prolonged" in one.subject)
        assert "started" in started.subject
        assert "the 90 minutes of this day are used" in capped.text

    def test_the_next_local_day_has_its_own(self, night: Account) -> None:
        settings(night, most_minutes_a_day=30)
        respond(night, change())
        midnight = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
        night.clock.at = midnight
        night.fire_schedules(tools(night))
        respond(night, change(midnight))
        assert night.is_logging()
        assert ends_at(night) == midnight + timedelta(minutes=30)

    def test_logging_past_midnight_counts_on_both_days(self, night: Account) -> None:
        settings(night, most_minutes_a_day=40)
        at = datetime(2026, 3, 10, 3, 30, tzinfo=UTC)  # 23:30: 30 minutes of Monday, 30 of Tuesday
        night.clock.at = at
        respond(night, change(at))
        assert ends_at(night) == at + timedelta(minutes=60)
        night.clock.move(minutes=50)
        respond(night, change(at + timedelta(minutes=50)))
        assert ends_at(night) == at + timedelta(minutes=70)

    def test_minutes_asked_for_twice_count_once(self, night: Account) -> None:
        settings(night, most_minutes_a_day=70)
        respond(night, *(change(NIGHT + timedelta(seconds=one)) for one in range(20)))
        assert ends_at(night) == NIGHT + timedelta(minutes=60, seconds=19)
        assert len(night.said()) == 1

    def test_a_day_of_25_hours_has_the_same_minutes(self, account: Account) -> None:
        settings(account, most_minutes_a_day=90, days=())
        begin = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # 01:30 EDT; an hour later it is 01:30 EST
        for at in every(30, 4, begin):
            account.clock.at = at
            respond(account, change(at))
        assert ends_at(account) == begin + timedelta(minutes=90)

    def test_activity_after_the_cap_starts_nothing(self, night: Account) -> None:
        settings(night, most_minutes_a_day=60)
        respond(night, change())
        night.clock.move(minutes=90)
        night.fire_schedules(tools(night))
        respond(night, change(NIGHT + timedelta(minutes=90)))
        assert not night.is_logging()
        assert len(night.incident_headers()) == 1


class TestFailures:
    def test_a_crash_between_any_two_steps_is_mended_by_the_retry(self, account: Account) -> None:
        days = iter(range(1, 200))

        def another_night() -> datetime:
            account.clock.at = NIGHT + timedelta(days=next(days), minutes=2)
            account.fire_schedules(tools(account))
            return account.clock() - timedelta(minutes=2)

        for after in (False, True):
            for number in range(1, 200):
                at = another_night()
                told, incidents = len(account.said()), len(account.incident_headers())
                with account.fail(number=number, after=after) as failure:
                    try:
                        respond(account, change(at))
                    except ClientError:
                        assert failure.happened
                respond(account, change(at))
                assert account.is_logging()
                assert account.schedules() == {KEY: at + timedelta(minutes=60)}
                # a crash between sending an alert and remembering it sends it twice, which is better than never
                assert told < len(account.said()) <= told + 2
                assert len(account.incident_headers()) == incidents + 1
                if not failure.happened:
                    break
            assert number > 10

    @pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
    @pytest.mark.parametrize(
        "operation", ["GetParameter", "GetItem", "PutItem", "CreateSchedule", "StartLogging", "Publish"]
    )
    def test_a_refused_call_is_raised_and_the_retry_completes(self, night: Account, operation: str, code: str) -> None:
        with night.fail(operation, code=code), pytest.raises(ClientError):
            respond(night, change())
        respond(night, change())
        assert night.is_logging()
        assert len(night.said()) == len(night.incident_headers()) == 1

    def test_an_alert_that_a_crash_held_up_past_the_end_is_still_told(self, night: Account) -> None:
        with night.fail("Publish"), pytest.raises(ClientError):
            respond(night, change())
        night.clock.move(hours=2)
        night.fire_schedules(tools(night))
        respond(night, change())
        assert not night.is_logging()
        assert [mail.subject for mail in night.said()] == ["Enhanced logging started: CreateUser by user alice"]

    def test_the_switch_does_not_hide_what_was_begun(self, night: Account) -> None:
        with night.fail("Publish"), pytest.raises(ClientError):
            respond(night, change())
        night.switch("off")
        respond(night, change())
        assert [mail.subject for mail in night.said()] == ["Enhanced logging started: CreateUser by user alice"]


class TestTheMeasure:
    held = Containment(Kind.ENHANCED_LOGGING, SETTINGS.trail_arn, NIGHT, NIGHT + timedelta(hours=1), "inc")

    def test_both_bear_being_repeated(self, account: Account) -> None:
        measure = TrailLogging(account.aws.cloudtrail)
        for _ in range(2):
            measure.apply(self.held)
        assert account.is_logging()
        for _ in range(2):
            measure.undo(self.held)
        assert not account.is_logging()

    def test_a_trail_that_is_gone_needs_no_stopping_but_cannot_be_started(self, account: Account) -> None:
        account.cloudtrail.delete_trail(Name=f"{PREFIX}-enhanced")
        measure = TrailLogging(account.aws.cloudtrail)
        measure.undo(self.held)
        with pytest.raises(account.aws.cloudtrail.exceptions.TrailNotFoundException):
            measure.apply(self.held)


@pytest.mark.parametrize(
    "hostile", ["alice\r\nSubject: all clear", "\x1b[2Jalice", "alice\u202egnihton", "\x00", "a" * 10_240]
)
def test_what_a_record_says_is_shown_readably(night: Account, hostile: str) -> None:
    record = change(
        eventName=hostile,
        errorCode=hostile,
        sourceIPAddress=hostile,
        awsRegion=hostile,
        userIdentity={**ALICE, "userName": hostile},
    )
    respond(night, record)
    (mail,) = night.said()
    notes = " ".join(timeline(night))
    for shown in (mail.subject, mail.text.replace("\n", ""), notes, night.incident_headers()[0]["title"]):
        assert not {"\r", "\n", "\x1b", "\x00", "\u202e"} & set(shown)
        assert "a" * 300 not in shown
    assert "\nSubject: all clear" not in mail.text
