"""R-RSP-1: who is locked out, when, for how long, and who never is."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from cloudtrail_monitoring.responders.runtime.account_lockout import AccountLockout
from cloudtrail_monitoring.responders.runtime.assembly import measures
from cloudtrail_monitoring.responders.runtime.configuration import CircuitBreaker
from cloudtrail_monitoring.responders.runtime.containment import Containment, Kind
from cloudtrail_monitoring.responders.runtime.login_failures import MAX_LOOKED_AT, LoginFailures
from cloudtrail_monitoring.responders.runtime.release import Release
from cloudtrail_monitoring.responders.runtime.responder import Toolbox
from tests.runtime.account import ACCOUNT, BEGIN, PREFIX, REGION, Account
from tests.runtime.records import Record, event, failed_login, hidden_login

POLICY = f"{PREFIX}-account-lockout"


def tools(account: Account) -> Toolbox:
    return account.toolbox(measures(account.configuration, account.aws))


def respond(account: Account, records: Iterable[Record]) -> None:
    configuration = account.configuration
    assert configuration.lockout
    responder = AccountLockout(tools(account), configuration.lockout)
    for record in records:
        responder.respond(event(record))


def burst(number: int = 6, user: str = "jordan", **fields: Any) -> list[Record]:
    return [failed_login(one, user=user, **fields) for one in range(number)]


@pytest.fixture
def jordan(account: Account) -> Account:
    account.add_user("jordan")
    account.clock.move(minutes=8)
    return account


class TestTheBurst:
    def test_six_failures_in_15_minutes_lock_the_user(self, jordan: Account) -> None:
        respond(jordan, burst())
        (statement,) = jordan.user_policies("jordan")[POLICY]["Statement"]
        assert statement["Effect"] == "Deny"
        assert (statement["Action"], statement["Resource"]) == ("*", "*")
        assert statement["Condition"] == {
            "DateGreaterThanEquals": {"aws:TokenIssueTime": "2026-03-09T14:00:00Z"},
            "DateLessThan": {"aws:CurrentTime": "2026-03-09T14:35:00Z"},
        }

    def test_five_do_not(self, jordan: Account) -> None:
        respond(jordan, burst(5))
        assert jordan.user_policies("jordan") == {}
        assert jordan.said() == []

    def test_six_over_more_than_15_minutes_do_not(self, jordan: Account) -> None:
        respond(jordan, [failed_login(one, at=BEGIN + timedelta(minutes=3 * one)) for one in range(6)])
        assert jordan.user_policies("jordan") == {}

    def test_six_of_several_users_do_not(self, jordan: Account) -> None:
        respond(jordan, [failed_login(one, user=f"user-{one % 3}") for one in range(6)])
        assert jordan.user_policies("jordan") == {}

    def test_a_success_is_no_failure(self, jordan: Account) -> None:
        succeeded = {"errorMessage": None, "responseElements": {"ConsoleLogin": "Success"}}
        respond(jordan, [{**record, **succeeded} for record in burst()])
        assert jordan.user_policies("jordan") == {}

    def test_capitals_do_not_make_another_user(self, jordan: Account) -> None:
        # IAM tells no two users apart by capitals alone
        respond(jordan, [failed_login(one, user="jordan" if one % 2 else "Jordan") for one in range(6)])
        assert POLICY in jordan.user_policies("jordan")
        assert [item["sk"] for item in jordan.containment_items()] == ["account_lockout#jordan"]
        assert len(jordan.incident_headers()) == 1

    def test_more_failures_than_are_looked_at_prolong_it_still(self, jordan: Account) -> None:
        # the newest count, or a flood would end the lockout while it goes on
        every = [failed_login(one, at=BEGIN + timedelta(seconds=one)) for one in range(MAX_LOOKED_AT + 60)]
        for record in every[:-1]:
            LoginFailures(tools(jordan).state, timedelta(minutes=15)).remember(event(record))
        respond(jordan, every[-1:])
        (containment,) = tools(jordan).containments.all()
        assert containment.ends_at == BEGIN + timedelta(seconds=MAX_LOOKED_AT + 59, minutes=30)

    def test_the_same_failure_six_times_is_one(self, jordan: Account) -> None:
        respond(jordan, [failed_login(1)] * 6)
        assert jordan.user_policies("jordan") == {}

    def test_any_order_comes_to_the_same(self, jordan: Account) -> None:
        respond(jordan, reversed(burst()))
        (statement,) = jordan.user_policies("jordan")[POLICY]["Statement"]
        assert statement["Condition"]["DateLessThan"] == {"aws:CurrentTime": "2026-03-09T14:35:00Z"}
        assert len(jordan.incident_headers()) == 1

    def test_full_mode_denies_access_keys_too(self, jordan: Account) -> None:
        assert jordan.configuration.lockout
        jordan.configure(lockout=replace(jordan.configuration.lockout, full=True))
        respond(jordan, burst())
        (statement,) = jordan.user_policies("jordan")[POLICY]["Statement"]
        assert list(statement["Condition"]) == ["DateLessThan"]


class TestTheEnd:
    def test_it_is_let_go_on_time(self, jordan: Account) -> None:
        respond(jordan, burst())
        jordan.clock.move(minutes=26)
        jordan.fire_schedules(tools(jordan))
        assert POLICY in jordan.user_policies("jordan")
        jordan.clock.move(minutes=1)
        jordan.fire_schedules(tools(jordan))
        assert jordan.user_policies("jordan") == {}

    def test_a_further_failure_prolongs_it(self, jordan: Account) -> None:
        respond(jordan, burst(7))
        (statement,) = jordan.user_policies("jordan")[POLICY]["Statement"]
        assert statement["Condition"]["DateLessThan"] == {"aws:CurrentTime": "2026-03-09T14:36:00Z"}
        assert len(jordan.said("email")) == 1

    def test_nobody_is_kept_out_for_longer_than_a_day_allows(self, jordan: Account) -> None:
        # an attacker who fails on purpose is not to lock a user out for good
        assert jordan.configuration.lockout
        jordan.configure(lockout=replace(jordan.configuration.lockout, most_minutes_a_day=40))
        respond(jordan, burst(6))
        jordan.clock.move(minutes=20)
        respond(jordan, [failed_login(one, at=BEGIN + timedelta(minutes=20)) for one in range(20, 27)])
        (containment,) = tools(jordan).containments.all()
        assert containment.ends_at - containment.began == timedelta(minutes=40)
        jordan.clock.move(minutes=40)
        jordan.fire_schedules(tools(jordan))
        respond(jordan, [failed_login(one, at=jordan.clock()) for one in range(30, 37)])
        assert jordan.user_policies("jordan") == {}
        assert "has been locked for 40 minutes today already" in jordan.said("email")[-1].text

    def test_a_lockout_that_is_over_but_not_undone_counts_for_its_day(self, jordan: Account) -> None:
        # or who times each burst to the seconds before the release keeps a user out for good
        assert jordan.configuration.lockout
        jordan.configure(lockout=replace(jordan.configuration.lockout, most_minutes_a_day=30))
        respond(jordan, burst())
        now = jordan.clock.move(minutes=28)
        respond(jordan, [failed_login(20 + one, at=now) for one in range(6)])
        # three of its thirty minutes were left, as the first took 27
        assert jordan.said("email")[-1].subject.startswith("Locked until 14:39 UTC")

    def test_a_burst_that_is_told_hours_late_locks_nobody(self, jordan: Account) -> None:
        jordan.clock.move(hours=5)
        respond(jordan, burst())
        assert jordan.user_policies("jordan") == {}
        (said,) = jordan.said()
        assert said.subject == "NOT LOCKED: user jordan, 6 failed console logins"
        assert "told too late" in said.text


class TestWhoIsNever:
    def test_root(self, jordan: Account) -> None:
        respond(jordan, burst(userIdentity={"type": "Root", "accountId": ACCOUNT}))
        assert "no policy limits the root user" in jordan.said("email")[0].text
        assert jordan.calls("PutUserPolicy") == 0

    @pytest.mark.parametrize(
        ("name", "path", "tags"),
        [
            ("break-glass", "/", {}),
            ("morgan", "/emergency/", {}),
            ("morgan", "/emergency/night/", {}),
            ("morgan", "/", {"break-glass": ""}),
        ],
    )
    def test_break_glass_users(self, account: Account, name: str, path: str, tags: dict[str, str]) -> None:
        account.add_user(name, path=path, tags=tags)
        account.clock.move(minutes=8)
        respond(account, burst(user=name))
        assert account.user_policies(name) == {}
        assert "break-glass users are never acted on" in account.said("email")[0].text

    def test_the_neighbour_of_a_break_glass_path(self, account: Account) -> None:
        account.add_user("morgan", path="/emergencies/")
        account.clock.move(minutes=8)
        respond(account, burst(user="morgan"))
        assert POLICY in account.user_policies("morgan")

    @pytest.mark.parametrize("kind", ["AssumedRole", "FederatedUser", "SAMLUser"])
    def test_whose_identity_is_managed_elsewhere(self, jordan: Account, kind: str) -> None:
        respond(jordan, burst(userIdentity={"type": kind, "userName": "jordan", "accountId": ACCOUNT}))
        assert jordan.user_policies("jordan") == {}
        assert "only IAM users are contained" in jordan.said("email")[0].text

    def test_a_user_of_another_account(self, jordan: Account) -> None:
        # the trail of an organization brings its members' records
        respond(jordan, burst(userIdentity={"type": "IAMUser", "userName": "jordan", "accountId": "210987654321"}))
        assert jordan.user_policies("jordan") == {}
        assert "the user is of another account, 210987654321" in jordan.said("email")[0].text

    def test_somebody_whom_the_record_does_not_name(self, jordan: Account) -> None:
        respond(jordan, burst(userIdentity={"type": "IAMUser", "accountId": ACCOUNT}))
        assert jordan.calls("PutUserPolicy") == 0
        assert jordan.incident_headers() == []

    def test_whom_somebody_has_let_go_by_hand(self, jordan: Account) -> None:
        respond(jordan, burst())
        Release(jordan.configuration, jordan.aws).handle({"containment": "account_lockout#jordan", "now": True})
        respond(jordan, [failed_login(7)])
        assert jordan.user_policies("jordan") == {}
        assert "somebody has lifted the lockout by hand" in jordan.said("email")[-1].text

    def test_nor_in_a_burst_that_had_prolonged_it(self, jordan: Account) -> None:
        respond(jordan, burst())
        second = jordan.clock.move(minutes=14)
        respond(jordan, [failed_login(20 + one, at=second) for one in range(6)])
        Release(jordan.configuration, jordan.aws).handle({"containment": "account_lockout#jordan", "now": True})
        respond(jordan, [failed_login(30, at=second)])
        assert jordan.user_policies("jordan") == {}

    def test_but_the_next_burst_locks_who_was_let_go(self, jordan: Account) -> None:
        respond(jordan, burst())
        Release(jordan.configuration, jordan.aws).handle({"containment": "account_lockout#jordan", "now": True})
        later = jordan.clock.move(hours=2)
        respond(jordan, [failed_login(10 + one, at=later) for one in range(6)])
        assert POLICY in jordan.user_policies("jordan")
        assert len(jordan.said("sms")) == 2

    def test_a_user_who_is_gone(self, account: Account) -> None:
        account.clock.move(minutes=8)
        respond(account, burst())
        assert "the user does not exist any more" in account.said("email")[0].text
        assert account.schedules() == {}

    def test_anybody_while_responders_are_switched_off(self, jordan: Account) -> None:
        jordan.switch("off")
        respond(jordan, burst())
        assert jordan.user_policies("jordan") == {}
        assert "responders are switched off" in jordan.said("email")[0].text

    def test_anybody_where_the_switch_is_gone(self, jordan: Account) -> None:
        boto3.client("ssm", region_name=REGION).delete_parameter(Name=jordan.configuration.switch_parameter)
        respond(jordan, burst())
        assert jordan.user_policies("jordan") == {}
        assert "is gone" in jordan.said("email")[0].text


class TestCircuitBreaker:
    def test_too_many_lockouts_open_it(self, account: Account) -> None:
        # an attacker must not be able to lock the company out
        account.configure(circuit_breaker=CircuitBreaker(containments=2, window_minutes=60))
        account.clock.move(minutes=8)
        for name in ("ada", "ben", "cleo"):
            account.add_user(name)
            respond(account, burst(user=name, address=f"198.51.100.{len(name)}"))
        locked = [name for name in ("ada", "ben", "cleo") if account.user_policies(name)]
        assert locked == ["ada", "ben"]
        assert "the circuit breaker is open: 2 containments within 60 minutes" in account.said("email")[-1].text

    def test_that_it_is_open_is_told_loudly_and_once(self, account: Account) -> None:
        account.configure(circuit_breaker=CircuitBreaker(containments=1, window_minutes=60))
        account.clock.move(minutes=8)
        for name in ("ada", "ben", "cleo"):
            account.add_user(name)
            respond(account, burst(user=name, address=f"198.51.100.{len(name)}"))
        loud = f"NOBODY IS LOCKED OUT any more in account {ACCOUNT}: the circuit breaker is open"
        assert [mail.subject for mail in account.said("email")].count(loud) == 1
        assert account.said("sms")[-1].text == (
            f"Circuit breaker open in {ACCOUNT}: failed logins lock nobody out any more"
        )

    def test_challenges_do_not_open_that_of_lockouts(self, account: Account) -> None:
        # locking out users takes no password, and must not spare from a challenge somebody who has one
        account.configure(circuit_breaker=CircuitBreaker(containments=1, window_minutes=60))
        account.add_user("ada")
        account.add_user("ben")
        account.clock.move(minutes=8)
        challenge = Containment(Kind.GEO_CHALLENGE, "ben", BEGIN, BEGIN + timedelta(hours=12), "inc-1")
        tools(account).containments.hold(challenge)
        respond(account, burst(user="ada"))
        assert POLICY in account.user_policies("ada")

    def test_who_is_locked_already_is_not_let_go_by_it(self, account: Account) -> None:
        account.configure(circuit_breaker=CircuitBreaker(containments=1, window_minutes=60))
        account.add_user("ada")
        account.clock.move(minutes=8)
        respond(account, burst(7, user="ada"))
        (statement,) = account.user_policies("ada")[POLICY]["Statement"]
        assert statement["Condition"]["DateLessThan"] == {"aws:CurrentTime": "2026-03-09T14:36:00Z"}

    def test_it_closes_by_itself(self, account: Account) -> None:
        account.configure(circuit_breaker=CircuitBreaker(containments=1, window_minutes=60))
        for name in ("ada", "ben"):
            account.add_user(name)
        account.clock.move(minutes=8)
        respond(account, burst(user="ada"))
        later = account.clock.move(hours=2)
        respond(account, [failed_login(one, user="ben", at=later) for one in range(6)])
        assert POLICY in account.user_policies("ben")


class TestSpraying:
    def test_one_address_failing_against_many_users_is_told(self, account: Account) -> None:
        respond(account, [failed_login(one, user=f"user-{one}") for one in range(4)])
        (said,) = account.said()
        assert said.subject == "Password spraying from 203.0.113.57: 4 users, 0 unknown names"
        assert "user-0, user-1, user-2, user-3" in said.text

    def test_names_that_aws_hid_count_by_address_and_are_never_acted_on(self, account: Account) -> None:
        respond(account, [hidden_login(one) for one in range(6)])
        (said,) = account.said()
        assert "6 names that no user has, which AWS hides" in said.text
        assert account.calls("PutUserPolicy") == 0

    def test_few_users_of_one_office_are_not(self, account: Account) -> None:
        respond(account, [failed_login(one, user=f"user-{one}") for one in range(3)])
        assert account.said() == []

    def test_it_is_told_once(self, account: Account) -> None:
        respond(account, [failed_login(one, user=f"user-{one}") for one in range(9)])
        assert len(account.said()) == 1

    def test_one_network_of_ipv6_is_one_address(self, account: Account) -> None:
        respond(account, [failed_login(one, user=f"user-{one}", address=f"2001:db8::{one}") for one in range(4)])
        (said,) = account.said()
        assert "4 users" in said.subject


def test_the_alert_says_what_was_done_and_how_to_undo_it(jordan: Account) -> None:
    # R-RSP-6
    respond(jordan, burst())
    (mail,) = jordan.said("email")
    assert mail.subject == "Locked until 14:35 UTC: user jordan, 6 failed console logins"
    for line in (
        "Somebody is guessing the password of user jordan.",
        "What:     6 failed console logins within 15 minutes",
        "When:     2026-03-09 14:00:00 UTC (10:00 EDT) to 2026-03-09 14:05:00 UTC (10:05 EDT)",
        "From:     203.0.113.57",
        "Done:     locked out of sessions since the burst began until 2026-03-09 14:35:00 UTC (10:35 EDT)",
        "Goes on:  the user's access keys, sessions from before, and roles that the user has assumed already",
        "it is not locked again for this burst then",
        """--payload '{"containment": "account_lockout#jordan", "now": true}'""",
        "What to do: https://runbooks.example.com/console-login-failures.md",
    ):
        assert line in mail.text
    (sms,) = jordan.said("sms")
    assert sms.text == "Locked until 14:35 UTC: user jordan, 6 failed logins from 203.0.113.57"
    assert len(sms.text) < 160


def test_hostile_names_reach_no_message_as_they_are(account: Account) -> None:
    hostile = "<script>\n\u202e\x1b[31m" + "x" * 10_000
    respond(account, burst(user=hostile))
    for said in account.said():
        assert "\u202e" not in said.text
        assert "\x1b" not in said.text
        assert "x" * 200 not in said.text
