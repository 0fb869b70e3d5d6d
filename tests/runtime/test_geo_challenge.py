"""R-RSP-4: whose login is told, who is challenged and how, what is learnt, and that a challenge ends by itself."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cloudtrail_monitoring.responders.runtime.challenge_policy import challenge
from cloudtrail_monitoring.responders.runtime.configuration import CircuitBreaker
from cloudtrail_monitoring.responders.runtime.containment import Kind, Status
from cloudtrail_monitoring.responders.runtime.country_database import CountryDatabase
from cloudtrail_monitoring.responders.runtime.geo_challenge import GeoChallenge
from cloudtrail_monitoring.responders.runtime.incidents import Incidents
from cloudtrail_monitoring.responders.runtime.login_countries import LoginCountries, Seen
from cloudtrail_monitoring.responders.runtime.metrics import NAMESPACE_VARIABLE
from cloudtrail_monitoring.responders.runtime.responder import Toolbox
from cloudtrail_monitoring.responders.runtime.table import Table
from cloudtrail_monitoring.responders.runtime.user_deny import UserDeny
from tests.runtime.account import ACCOUNT, CONFIGURATION, PREFIX, Account
from tests.runtime.country_file import COUNTRIES, FROM, flat, write
from tests.runtime.records import Record, event

assert CONFIGURATION.geography
SETTINGS = CONFIGURATION.geography
POLICY = f"{PREFIX}-geo-challenge"
KEY = f"{Kind.GEO_CHALLENGE}#alice"
FIRST = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
"""Five days after a fortnight of learning."""


def login(
    country: str = "PS", at: datetime = NOW, *, user: str = "alice", mfa: bool | None = False, **fields: Any
) -> Record:
    return {
        "eventVersion": "1.11",
        "eventID": f"login-{user[:20]!a}-{country}-{at.isoformat()}",
        "eventTime": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "eventType": "AwsConsoleSignIn",
        "awsRegion": "us-east-1",
        "recipientAccountId": ACCOUNT,
        "sourceIPAddress": FROM[country],
        "userAgent": "Mozilla/5.0",
        "userIdentity": {
            "type": "IAMUser",
            "accountId": ACCOUNT,
            "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}",
            "userName": user,
        },
        "responseElements": {"ConsoleLogin": "Success"},
        "additionalEventData": {} if mfa is None else {"MFAUsed": "Yes" if mfa else "No"},
        "readOnly": False,
        **fields,
    }


ROOT = {"type": "Root", "accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root"}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("countries") / "countries.mmdb"
    return write(path, {network: flat(code) for network, code in COUNTRIES.items()})


class House:
    """An account, and the responder in it."""

    def __init__(self, account: Account, database: Path) -> None:
        self.account = account
        self.database = database

    def tools(self) -> Toolbox:
        measure = UserDeny(self.account.aws.iam, POLICY, f"arn:aws:iam::{ACCOUNT}:policy/", challenge)
        return self.account.toolbox({Kind.GEO_CHALLENGE: measure})

    def respond(self, *records: Record) -> None:
        """As a function does that has just started."""
        settings = self.account.configuration.geography
        assert settings
        database = CountryDatabase(str(self.database))
        responder = GeoChallenge(self.tools(), settings, self.account.aws.iam, database)
        for record in records:
            responder.respond(event(record))

    def settle(self, user: str = "alice", **fields: Any) -> None:
        """The user is known to log in from Germany and, once, from Ireland; not a word was said about it."""
        self.account.clock.at = NOW
        self.respond(
            login("DE", FIRST, user=user, mfa=True, **fields),
            login("IE", FIRST + timedelta(days=3), user=user, mfa=True, **fields),
            login("DE", FIRST + timedelta(days=13), user=user, mfa=True, **fields),
        )
        assert self.account.said() == []

    def known(self, user: str = "alice") -> dict[str, Seen]:
        baseline = LoginCountries(Table(self.account.aws.table(self.account.configuration.state_table)))
        return baseline.of(event(login(user=user)).actor).known(datetime.max.replace(tzinfo=UTC))

    def statements(self, user: str = "alice") -> dict[str, Any]:
        policies = self.account.user_policies(user)
        return {one["Sid"]: one for one in policies[POLICY]["Statement"]} if policies else {}

    def geography(self, **changes: Any) -> None:
        self.account.configure(geography=replace(SETTINGS, **changes))

    def timeline(self) -> list[str]:
        incidents = Incidents(
            Table(self.account.aws.table(self.account.configuration.incidents_table)),
            Table(self.account.aws.table(self.account.configuration.state_table)),
        )
        (header,) = self.account.incident_headers()
        return [entry.text for entry in incidents.timeline(header["pk"])]


@pytest.fixture
def house(account: Account, database: Path) -> House:
    """Alice has no MFA device, Bob has had one for a month; both are known to log in from Germany and Ireland."""
    made = House(account, database)
    account.clock.at = NOW
    account.add_user("alice")
    account.add_user("bob", mfa=True)
    made.settle("alice")
    made.settle("bob")
    account.clock.move(minutes=5)
    return made


class TestWhatIsUsual:
    def test_a_known_country_is_no_news(self, house: House) -> None:
        house.respond(login("DE"), login("IE", mfa=True))
        assert house.account.said() == []
        assert house.known()["DE"] == Seen(FIRST, NOW)

    def test_everything_is_learnt_for_a_fortnight_from_the_first_login(self, house: House) -> None:
        last = FIRST + timedelta(days=14)
        house.respond(login("US", last - timedelta(seconds=1)))
        assert house.account.said() == []
        house.account.clock.at = last
        house.respond(login("AU", last))
        assert "AU" in house.account.said("email")[0].subject
        assert set(house.known()) == {"DE", "IE", "US"}

    def test_each_user_has_a_fortnight_of_their_own(self, house: House) -> None:
        house.respond(login("PS", user="carol"), login("US", user="carol"))
        assert house.account.said() == []
        assert set(house.known("carol")) == {"PS", "US"}

    def test_a_trusted_country_is_never_new(self, house: House) -> None:
        house.geography(trusted_countries=("PS",))
        house.respond(login())
        assert house.account.said() == []

    @pytest.mark.parametrize("network", ["185.1.1.1", "185.1.0.0/16", "185.1.1.9/24"])
    @pytest.mark.parametrize("address", ["185.1.1.1", "::ffff:185.1.1.1"])
    def test_an_address_of_a_trusted_network_says_nothing(self, house: House, network: str, address: str) -> None:
        house.geography(trusted_networks=(network, "2001:db8::/32"))
        house.respond(login(sourceIPAddress=address))
        assert house.account.said() == []
        assert "PS" not in house.known()

    @pytest.mark.parametrize(
        "fields",
        [
            {"responseElements": {"ConsoleLogin": "Failure"}, "errorMessage": "Failed authentication"},
            {"eventName": "SwitchRole"},
            {"sourceIPAddress": "10.1.2.3"},
            {"sourceIPAddress": "signin.amazonaws.com"},
            {"sourceIPAddress": "9.9.9.9"},
            {"userIdentity": {"type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/sso/alice"}},
            {"userIdentity": {"type": "FederatedUser", "userName": "alice"}},
            {"userIdentity": {"type": "SAMLUser", "userName": "alice"}},
            {"userIdentity": {"type": "IdentityCenterUser", "userName": "alice"}},
            {"userIdentity": {"type": "IAMUser"}},
            {"userIdentity": {"type": "IAMUser", "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"}},
        ],
    )
    def test_failures_other_calls_federated_logins_and_addresses_without_country_are_not_judged(
        self, house: House, fields: dict[str, Any]
    ) -> None:
        house.respond(login(**fields))
        assert house.account.said() == []
        assert house.statements() == {}

    def test_without_a_database_nothing_is_judged(self, house: House, tmp_path: Path) -> None:
        house.database = tmp_path / "missing.mmdb"
        house.respond(login())
        assert house.account.said() == []
        assert house.statements() == {}


class TestWithMfa:
    def test_a_new_country_is_told_and_learnt(self, house: House) -> None:
        house.respond(login(user="bob", mfa=True))
        house.account.clock.move(hours=1)
        house.respond(login(user="bob", mfa=True, at=NOW + timedelta(hours=1)))
        (mail,) = house.account.said()
        assert mail.channel == "email"
        assert mail.subject == "user bob logged in from PS, a new country"
        for text in (
            "with MFA from a new country, PS",
            "185.1.1.1, registered in PS",
            "DE (last 2026-03-14), IE (last 2026-03-04)",
            "2026-03-20 09:00:00 UTC (05:00 EDT)",
            "nothing: the login had MFA",
            "one address in twenty",
            "https://runbooks.example.com/console-login.md",
        ):
            assert text in mail.text, mail.text
        assert house.statements("bob") == {}
        assert house.account.containment_items() == []

    def test_a_login_without_mfa_from_what_was_learnt_is_usual(self, house: House) -> None:
        house.respond(login(user="bob", mfa=True))
        house.respond(login(user="bob", at=NOW + timedelta(minutes=1)))
        assert len(house.account.said()) == 1
        assert house.statements("bob") == {}


class TestTheChallenge:
    def test_a_user_without_a_device_is_denied_everything(self, house: House) -> None:
        house.respond(login())
        (statement,) = house.statements().values()
        assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "*", "*")
        assert statement["Condition"] == {"DateLessThan": {"aws:CurrentTime": "2026-03-20T21:00:00Z"}}

    @pytest.mark.parametrize("mfa", [False, None])
    def test_of_a_user_with_a_device_mfa_is_demanded(self, house: House, mfa: bool | None) -> None:
        house.respond(login(user="bob", mfa=mfa))
        statements = house.statements("bob")
        end = {"aws:CurrentTime": "2026-03-20T21:00:00Z"}
        assert statements["RevokeSessions"]["Condition"] == {
            "DateLessThan": {"aws:TokenIssueTime": "2026-03-20T09:05:00Z", **end}
        }
        assert statements["DemandMfa"]["Condition"] == {
            "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"},
            "DateLessThan": end,
        }

    def test_a_device_enrolled_since_the_login_may_be_the_intruders(self, house: House) -> None:
        house.account.add_mfa_device("alice", NOW + timedelta(minutes=1))
        house.respond(login())
        assert set(house.statements()) == {"GeoBlock"}

    def test_it_is_told_by_mail_and_telephone_with_an_incident(self, house: House) -> None:
        house.respond(login())
        mail, line = house.account.said()
        (incident,) = house.account.incident_headers()
        assert mail.subject == "Challenged until 21:00 UTC: user alice logged in from PS, a new country"
        for text in ("user alice", "without MFA", "185.1.1.1", "DE (last 2026-03-14)", "no MFA device", incident["pk"]):
            assert text in mail.text, mail.text
        assert "2026-03-20 21:00:00 UTC" in mail.text
        assert "aws lambda invoke" in mail.text
        assert line.channel == "sms"
        assert line.text == "Challenged until 21:00 UTC: user alice, login without MFA from PS (185.1.1.1)"
        assert len(house.timeline()) == 1

    def test_it_ends_by_itself(self, house: House) -> None:
        house.respond(login())
        assert house.account.schedules() == {KEY: NOW + timedelta(hours=12)}
        house.account.clock.at = NOW + timedelta(hours=12)
        (ended,) = house.account.fire_schedules(house.tools())
        assert ended.status is Status.ENDED
        assert house.account.user_policies("alice") == {}

    def test_a_country_without_mfa_is_not_learnt(self, house: House) -> None:
        house.respond(login())
        assert "PS" not in house.known()

    def test_another_login_meanwhile_prolongs_it_and_another_country_is_told(self, house: House) -> None:
        house.respond(login())
        house.account.clock.move(hours=1)
        house.respond(login(at=NOW + timedelta(hours=1)), login("US", NOW + timedelta(minutes=50)))
        assert house.account.schedules() == {KEY: NOW + timedelta(hours=13)}
        assert ["PS" in one.subject for one in house.account.said("email")] == [True, False]
        assert len(house.timeline()) == 3

    def test_a_login_after_it_has_ended_is_another(self, house: House) -> None:
        house.respond(login())
        house.account.clock.move(hours=13)
        house.respond(login(at=NOW + timedelta(hours=13)))  # the schedule of the first got lost
        assert house.account.schedules() == {KEY: NOW + timedelta(hours=25)}
        assert len(house.account.incident_headers()) == len(house.account.said("email")) == 2

    def test_the_policy_is_written_anew_if_it_is_there_and_others_are_left_alone(self, house: House) -> None:
        allowed = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        for name in (POLICY, "of-people"):
            house.account.iam.put_user_policy(UserName="alice", PolicyName=name, PolicyDocument=document)
        house.respond(login())
        assert set(house.statements()) == {"GeoBlock"}
        house.account.clock.move(hours=12)
        house.account.fire_schedules(house.tools())
        assert set(house.account.user_policies("alice")) == {"of-people"}


class TestLiftedByHand:
    """An operator who undid a challenge has vouched for the country it was begun for."""

    def test_the_next_login_from_there_is_usual(self, house: House) -> None:
        house.respond(login())
        assert "PS is a usual country then" in house.account.said("email")[0].text
        house.account.clock.move(hours=1)
        house.tools().containments.end_now(KEY)
        house.account.clock.move(hours=1)
        house.respond(login(at=house.account.clock()))
        assert house.statements() == {}
        assert len(house.account.said("email")) == 1
        assert house.known()["PS"] == Seen(house.account.clock(), house.account.clock())
        assert house.timeline()[-1] == "PS is usual from now on: the challenge was lifted by hand"

    def test_so_is_one_before_it_was_lifted_that_comes_late(self, house: House) -> None:
        house.respond(login())
        house.account.clock.move(hours=1)
        house.tools().containments.end_now(KEY)
        house.respond(login(at=NOW + timedelta(minutes=10)))
        assert house.statements() == {}

    def test_another_country_is_challenged_and_the_lifted_one_stays_usual(self, house: House) -> None:
        house.respond(login())
        house.tools().containments.end_now(KEY)
        house.account.clock.move(hours=1)
        house.respond(login("US", house.account.clock()))
        assert set(house.statements()) == {"GeoBlock"}
        house.account.clock.move(hours=13)
        house.account.fire_schedules(house.tools())
        house.respond(login(at=house.account.clock()))
        assert house.statements() == {}
        assert "PS" in house.known()

    def test_another_country_of_the_same_challenge_is_not_vouched_for(self, house: House) -> None:
        house.respond(login(), login("US"))
        house.tools().containments.end_now(KEY)
        house.account.clock.move(hours=1)
        house.respond(login("US", house.account.clock()))
        assert set(house.statements()) == {"GeoBlock"}

    def test_one_that_ended_by_itself_vouches_for_nothing(self, house: House) -> None:
        house.respond(login())
        house.account.clock.move(hours=12)
        house.account.fire_schedules(house.tools())
        house.respond(login(at=house.account.clock()))
        assert set(house.statements()) == {"GeoBlock"}
        assert "PS" not in house.known()


class TestWhomNobodyActsOn:
    def test_root_is_told_and_learnt_with_mfa(self, house: House) -> None:
        house.settle("root", userIdentity=ROOT)
        house.respond(login(mfa=True, userIdentity=ROOT))
        house.respond(login(mfa=True, userIdentity=ROOT, at=NOW + timedelta(minutes=1)))
        (mail,) = house.account.said()
        assert mail.subject == "root logged in from PS, a new country"

    def test_root_without_mfa_is_told_once_a_day_and_country(self, house: House) -> None:
        house.settle("root", userIdentity=ROOT)
        house.account.add_user("root")
        times = (NOW, NOW + timedelta(minutes=1), NOW + timedelta(days=1))
        house.account.clock.at = times[-1]
        house.respond(*(login(userIdentity=ROOT, at=at) for at in times), login("US", NOW, userIdentity=ROOT))
        assert ["no policy limits the root user" in one.text for one in house.account.said()] == [False, True, False]
        assert house.account.user_policies("root") == {}

    @pytest.mark.parametrize(
        ("name", "path", "tags"),
        [("break-glass", "/", None), ("eve", "/emergency/", None), ("frank", "/", {"break-glass": ""})],
    )
    def test_break_glass_users_are_told_alone(
        self, house: House, name: str, path: str, tags: dict[str, str] | None
    ) -> None:
        house.account.add_user(name, path=path, tags=tags)
        house.settle(name)
        house.respond(login(user=name))
        (mail,) = house.account.said()
        assert "break-glass users are never acted on" in mail.text
        assert house.account.user_policies(name) == {}

    def test_the_switch_makes_it_alert_only(self, house: House) -> None:
        house.account.switch("off")
        house.respond(login(), login())
        (mail,) = house.account.said()
        assert "switched off" in mail.text
        assert house.account.user_policies("alice") == {}

    def test_what_is_not_challenged_is_told_once_a_day_for_each_user_and_country(self, house: House) -> None:
        house.account.switch("off")
        logins = [login(at=NOW + timedelta(minutes=number)) for number in range(3)]
        house.respond(*logins, login("US"), login(user="bob"))
        mails = house.account.said()
        assert sorted(one.subject for one in mails) == [
            "user alice logged in from PS, a new country",
            "user alice logged in from US, a new country",
            "user bob logged in from PS, a new country",
        ]
        assert "logins from PS on 2026-03-20 (UTC) are not told for this reason" in mails[0].text
        house.account.clock.move(days=1)
        house.respond(login(at=NOW + timedelta(days=1)))
        assert len(house.account.said()) == 4

    def test_an_objection_hides_no_challenge_of_the_same_day(self, house: House) -> None:
        house.account.switch("off")
        house.respond(login())
        house.account.switch("on")
        house.respond(login(at=NOW + timedelta(minutes=1)))
        assert house.account.said("email")[-1].subject.startswith("Challenged until")

    @pytest.mark.parametrize(
        "other",
        [
            {"recipientAccountId": "999999999999"},
            {"userIdentity": {"type": "IAMUser", "userName": "alice", "accountId": "999999999999"}},
        ],
        ids=["recipient", "actor"],
    )
    @pytest.mark.parametrize("mfa", [False, True])
    def test_a_namesake_in_another_account_is_neither_judged_nor_learnt(
        self, house: House, other: dict[str, Any], mfa: bool
    ) -> None:
        house.respond(login(mfa=mfa, **other))
        assert house.account.said() == []
        assert house.statements() == {}
        assert set(house.known()) == {"DE", "IE"}

    def test_an_open_breaker_makes_it_alert_only(self, house: House) -> None:
        house.account.configure(circuit_breaker=CircuitBreaker(containments=1, window_minutes=60))
        house.respond(login(user="bob"), login())
        assert house.statements("bob")
        assert house.statements() == {}
        assert "circuit breaker is open" in house.account.said("email")[-1].text

    def test_a_user_deleted_before_it_is_told(self, house: House) -> None:
        house.account.iam.delete_login_profile(UserName="alice")
        house.account.iam.delete_user(UserName="alice")
        house.respond(login())
        (mail,) = house.account.said()
        assert "does not exist any more" in mail.text

    def test_a_user_deleted_meanwhile_stops_neither_the_end_nor_the_sweep(self, house: House) -> None:
        house.respond(login())
        house.account.iam.delete_login_profile(UserName="alice")
        house.account.iam.delete_user_policy(UserName="alice", PolicyName=POLICY)
        house.account.iam.delete_user(UserName="alice")
        assert [one for one in house.tools().containments.sweep() if isinstance(one, Exception)] == []
        house.account.clock.move(hours=12)
        (ended,) = house.account.fire_schedules(house.tools())
        assert ended.status is Status.ENDED


class TestDelivery:
    def test_twice_is_once(self, house: House) -> None:
        house.respond(login(), login())
        house.account.clock.move(minutes=30)
        house.respond(login())
        assert house.account.schedules() == {KEY: NOW + timedelta(hours=12)}
        assert len(house.account.said()) == 2
        assert house.account.calls("PutUserPolicy") == 1

    def test_again_after_people_ended_it_changes_nothing(self, house: House) -> None:
        house.respond(login())
        house.tools().containments.end_now(KEY)
        house.respond(login())
        assert house.account.user_policies("alice") == {}

    def test_hours_late_it_lasts_until_its_own_end(self, house: House) -> None:
        house.account.clock.at = NOW + timedelta(hours=11)
        house.respond(login())
        assert house.account.schedules() == {KEY: NOW + timedelta(hours=12)}

    def test_a_day_late_it_is_told_alone(self, house: House) -> None:
        house.account.clock.at = NOW + timedelta(hours=24)
        house.respond(login(), login())
        (mail,) = house.account.said()
        assert "too late" in mail.text
        assert house.account.containment_items() == []

    def test_a_login_before_the_country_was_learnt_is_judged_as_of_its_time(self, house: House) -> None:
        house.respond(login(user="bob", mfa=True, at=NOW))
        house.respond(login(user="bob", at=NOW - timedelta(minutes=1)))
        assert set(house.statements("bob")) == {"RevokeSessions", "DemandMfa"}

    def test_out_of_order_a_country_is_learnt_and_told_once(self, house: House) -> None:
        house.respond(login(user="bob", mfa=True), login(user="bob", mfa=True, at=NOW - timedelta(minutes=1)))
        assert len(house.account.said()) == 1
        assert house.known("bob")["PS"] == Seen(NOW - timedelta(minutes=1), NOW)

    def test_any_order_learns_the_same(self, house: House) -> None:
        records = [login(code, FIRST + timedelta(days=day), user="x") for day, code in enumerate(("DE", "US", "DE"))]
        for user, order in (("x", records), ("y", records[::-1])):
            named = [
                {**record, "eventID": f"{user}{number}", "userIdentity": {"type": "IAMUser", "userName": user}}
                for number, record in enumerate(order)
            ]
            house.respond(*named, *named)
        assert (
            house.known("x")
            == house.known("y")
            == {
                "DE": Seen(FIRST, FIRST + timedelta(days=2)),
                "US": Seen(FIRST + timedelta(days=1), FIRST + timedelta(days=1)),
            }
        )

    @pytest.mark.parametrize("minutes", [1, 12 * 60, 24 * 60])
    def test_the_schedule_early_late_or_twice(self, house: House, minutes: int) -> None:
        house.respond(login())
        house.account.clock.at = NOW + timedelta(minutes=minutes)
        for _ in range(2):
            house.tools().containments.reconcile(KEY)
        assert bool(house.account.user_policies("alice")) is (minutes == 1)


class TestFailures:
    @pytest.mark.parametrize("mfa", [False, True], ids=["challenged", "with MFA"])
    def test_a_crash_between_any_two_steps_is_mended_by_the_retry(self, house: House, mfa: bool) -> None:
        account = house.account
        account.configure(circuit_breaker=CircuitBreaker(containments=1000, window_minutes=60))
        for after in (False, True):
            for number in range(1, 200):
                user = f"user-{number}-{after}"
                account.iam.create_user(UserName=user)
                house.respond(login("DE", FIRST, user=user, mfa=True))
                told, incidents = len(account.said("email")), len(account.incident_headers())
                with account.fail(number=number, after=after) as failure:
                    try:
                        house.respond(login(user=user, mfa=mfa))
                    except ClientError:
                        assert failure.happened
                house.respond(login(user=user, mfa=mfa))
                # a crash between sending an alert and remembering it sends it twice, which is better than never
                assert told < len(account.said("email")) <= told + 2
                assert ("PS" in house.known(user)) is mfa
                assert bool(house.statements(user)) is not mfa
                assert len(account.incident_headers()) == incidents + (not mfa)
                assert (f"{Kind.GEO_CHALLENGE}#{user}".casefold() in account.schedules()) is not mfa
                if not failure.happened:
                    break
            assert number > 5

    @pytest.mark.parametrize("code", ["ThrottlingException", "AccessDenied"])
    @pytest.mark.parametrize(
        "operation",
        [
            "GetParameter",
            "GetUser",
            "GetItem",
            "Query",
            "ListMFADevices",
            "PutItem",
            "CreateSchedule",
            "PutUserPolicy",
            "Publish",
        ],
    )
    def test_a_refused_call_is_raised_and_the_retry_completes(self, house: House, operation: str, code: str) -> None:
        with house.account.fail(operation, code=code), pytest.raises(ClientError):
            house.respond(login())
        house.respond(login())
        assert set(house.statements()) == {"GeoBlock"}
        assert len(house.account.said()) == 2
        assert len(house.account.incident_headers()) == 1

    def test_a_refused_release_is_raised_and_the_next_one_completes(self, house: House) -> None:
        house.respond(login())
        house.account.clock.move(hours=12)
        with house.account.fail("DeleteUserPolicy", code="AccessDenied"), pytest.raises(ClientError):
            house.tools().containments.reconcile(KEY)
        assert [one for one in house.tools().containments.sweep() if isinstance(one, Exception)] == []
        assert house.account.user_policies("alice") == {}

    def test_the_retry_does_not_begin_anew_what_people_ended(self, house: House) -> None:
        with house.account.fail("Publish"), pytest.raises(ClientError):
            house.respond(login())
        house.tools().containments.end_now(KEY)
        house.respond(login())
        assert house.account.user_policies("alice") == {}
        assert len(house.account.said("email")) == 1

    def test_the_switch_does_not_hide_what_was_begun(self, house: House) -> None:
        with house.account.fail("Publish"), pytest.raises(ClientError):
            house.respond(login())
        house.account.switch("off")
        house.respond(login())
        assert house.account.said("email")[0].subject.startswith("Challenged until")


class TestTheMetric:
    def test_each_login_with_a_country_counts_once(
        self, house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(NAMESPACE_VARIABLE, "CloudTrailMonitoring/prod")
        house.respond(login("DE"), login("DE"), login(sourceIPAddress="10.0.0.1"), login("US", mfa=True))
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [line["Country"] for line in lines] == ["DE", "US"]
        assert lines[0] == {
            "_aws": {
                "Timestamp": int(NOW.timestamp() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": "CloudTrailMonitoring/prod",
                        "Dimensions": [["Country"]],
                        "Metrics": [{"Name": "LoginsByCountry", "Unit": "Count"}],
                    }
                ],
            },
            "Country": "DE",
            "LoginsByCountry": 1,
        }

    def test_without_a_namespace_nothing_is_written(
        self, house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv(NAMESPACE_VARIABLE, raising=False)
        house.respond(login("DE"))
        assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "hostile",
    ["alice\r\nSubject: all clear", "\x1b[2Jalice", "alice\u202egnihton", "\x00", "a" * 10_240, "<b>\ud800</b>"],
)
def test_what_a_record_says_is_shown_readably_and_acted_on_by_nobody(house: House, hostile: str) -> None:
    identity = {"type": "IAMUser", "accountId": ACCOUNT, "userName": hostile}
    house.settle(hostile, userIdentity=identity)
    house.respond(login(userIdentity=identity, awsRegion=hostile, eventSource=hostile))
    (mail,) = house.account.said()
    for shown in (mail.subject, mail.text.replace("\n", "")):
        assert not {"\r", "\n", "\x1b", "\x00", "\u202e", "\ud800"} & set(shown)
        assert "a" * 300 not in shown
    assert "\nSubject: all clear" not in mail.text
    assert "no user can have this name" in mail.text
    assert house.account.containment_items() == []
