"""Containments end by themselves, on time, once, whoever comes first: the schedule, the sweep, or somebody by hand."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from cloudtrail_monitoring.responders.runtime.assembly import measures
from cloudtrail_monitoring.responders.runtime.containment import LIFTED, SINCE, Containment, Kind, Status
from cloudtrail_monitoring.responders.runtime.release import Release, ReleaseError
from tests.runtime.account import BEGIN, PREFIX, Account

KEY = "account_lockout#jordan"
POLICY = f"{PREFIX}-account-lockout"
DUE = {"containment": KEY}
LOCKOUT = Containment(
    Kind.ACCOUNT_LOCKOUT, "jordan", BEGIN, BEGIN + timedelta(minutes=30), "inc-1", {SINCE: BEGIN.isoformat()}
)


@pytest.fixture
def locked(account: Account) -> Account:
    account.add_user("jordan")
    account.toolbox(measures(account.configuration, account.aws)).containments.hold(LOCKOUT)
    assert POLICY in account.user_policies("jordan")
    return account


OWN_POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}
)


def release(account: Account, event: dict[str, object] = DUE) -> dict[str, str]:
    return Release(account.configuration, account.aws).handle(event)


def test_on_time_the_user_is_let_go_and_it_is_told(locked: Account) -> None:
    locked.clock.move(minutes=30)
    assert release(locked) == {KEY: "ended"}
    assert locked.user_policies("jordan") == {}
    (mail,) = locked.said()
    assert mail.subject == "The lockout of user jordan has ended"
    assert "From:     2026-03-09 14:00:00 UTC (10:00 EDT)" in mail.text


def test_too_early_it_stays_and_its_end_is_arranged_for_again(locked: Account) -> None:
    locked.clock.move(minutes=29)
    assert release(locked) == {KEY: "active"}
    assert POLICY in locked.user_policies("jordan")
    assert locked.schedules() == {KEY: LOCKOUT.ends_at}
    assert locked.said() == []


def test_twice_is_once(locked: Account) -> None:
    locked.clock.move(minutes=30)
    release(locked)
    assert release(locked) == {KEY: "ended"}
    assert len(locked.said()) == 1


def test_by_hand_it_ends_before_its_time(locked: Account) -> None:
    locked.clock.move(minutes=3)
    assert release(locked, {**DUE, "now": True}) == {KEY: "ended"}
    assert locked.user_policies("jordan") == {}
    assert locked.schedules() == {}


def test_the_sweep_ends_what_its_schedule_forgot_and_leaves_the_rest(locked: Account) -> None:
    locked.add_user("ada")
    longer = Containment(Kind.ACCOUNT_LOCKOUT, "ada", BEGIN, BEGIN + timedelta(hours=2), "inc-2")
    locked.toolbox(measures(locked.configuration, locked.aws)).containments.hold(longer)
    locked.clock.move(minutes=45)
    assert release(locked, {"sweep": True}) == {KEY: "ended", "account_lockout#ada": "active"}
    assert locked.user_policies("jordan") == {}
    assert POLICY in locked.user_policies("ada")


def test_the_sweep_mends_what_a_crash_left_half_done(account: Account) -> None:
    account.add_user("jordan")
    containments = account.toolbox(measures(account.configuration, account.aws)).containments
    with account.fail("PutUserPolicy", code="ServiceFailure"), pytest.raises(Exception, match="ServiceFailure"):
        containments.hold(LOCKOUT)
    assert account.user_policies("jordan") == {}
    assert release(account, {"sweep": True}) == {KEY: "active"}
    assert POLICY in account.user_policies("jordan")


def test_a_user_who_is_gone_meanwhile_is_no_error(locked: Account) -> None:
    locked.iam.delete_user_policy(UserName="jordan", PolicyName=POLICY)
    locked.iam.delete_login_profile(UserName="jordan")
    locked.iam.delete_user(UserName="jordan")
    locked.clock.move(minutes=30)
    assert release(locked) == {KEY: "ended"}


def test_other_inline_policies_are_left_alone(locked: Account) -> None:
    locked.iam.put_user_policy(UserName="jordan", PolicyName="own", PolicyDocument=OWN_POLICY)
    locked.clock.move(minutes=30)
    release(locked)
    assert list(locked.user_policies("jordan")) == ["own"]


@pytest.mark.parametrize("number", range(1, 12))
def test_a_crash_anywhere_on_the_way_is_mended_by_the_next(locked: Account, number: int) -> None:
    locked.clock.move(minutes=30)
    with locked.fail(number=number, code="InternalServerError", after=True), suppress(ClientError):
        release(locked)
    release(locked)
    assert locked.user_policies("jordan") == {}
    (item,) = locked.containment_items()
    assert item["status"] == Status.ENDED


def test_extended_between_reading_and_undoing_it_stands(locked: Account) -> None:
    tools = locked.toolbox(measures(locked.configuration, locked.aws))

    class Extends:
        """Somebody extends the lockout in the very moment in which it is undone."""

        def __init__(self) -> None:
            self.done = False

        def apply(self, containment: Containment) -> None:
            inner.apply(containment)

        def undo(self, containment: Containment) -> None:
            inner.undo(containment)
            if not self.done:
                self.done = True
                later = Containment(Kind.ACCOUNT_LOCKOUT, "jordan", BEGIN, BEGIN + timedelta(hours=1), "inc-1")
                tools.containments.hold(later)
                inner.undo(containment)

    inner = measures(locked.configuration, locked.aws)[Kind.ACCOUNT_LOCKOUT]
    locked.clock.move(minutes=30)
    settled = locked.toolbox({Kind.ACCOUNT_LOCKOUT: Extends()}).containments.reconcile(KEY)
    assert settled
    assert settled.status is Status.ACTIVE
    assert POLICY in locked.user_policies("jordan")


def test_ended_by_hand_while_it_is_applied_it_stays_ended(account: Account) -> None:
    account.add_user("jordan")
    tools = account.toolbox(measures(account.configuration, account.aws))

    class IsEnded:
        """Somebody ends the lockout in the very moment before it is applied."""

        def apply(self, containment: Containment) -> None:
            if tools.containments.end_now(KEY):
                inner.apply(containment)

        def undo(self, containment: Containment) -> None:
            inner.undo(containment)

    inner = measures(account.configuration, account.aws)[Kind.ACCOUNT_LOCKOUT]
    held = account.toolbox({Kind.ACCOUNT_LOCKOUT: IsEnded()}).containments.hold(LOCKOUT)
    assert held.status is Status.ENDED
    assert account.user_policies("jordan") == {}


def test_the_sweep_goes_on_past_a_fault_and_raises_it_at_the_end(locked: Account) -> None:
    locked.add_user("ada")
    other = Containment(Kind.ACCOUNT_LOCKOUT, "ada", BEGIN, BEGIN + timedelta(minutes=30), "inc-2")
    locked.toolbox(measures(locked.configuration, locked.aws)).containments.hold(other)
    locked.clock.move(minutes=30)
    with (
        locked.fail("DeleteUserPolicy", code="AccessDenied"),
        pytest.raises(ReleaseError, match="1 containments could not be mended"),
    ):
        release(locked, {"sweep": True})
    assert [len(locked.user_policies(name)) for name in ("ada", "jordan")] == [1, 0]
    assert [mail.subject for mail in locked.said()] == ["The lockout of user jordan has ended"]
    assert release(locked, {"sweep": True})["account_lockout#ada"] == "ended"
    assert locked.user_policies("ada") == {}


def test_the_sweep_takes_back_once_more_what_ended_lately(locked: Account) -> None:
    # whoever crashed while applying it did not see it end
    locked.clock.move(minutes=30)
    release(locked)
    locked.iam.put_user_policy(UserName="jordan", PolicyName=POLICY, PolicyDocument=OWN_POLICY)
    release(locked, {"sweep": True})
    assert locked.user_policies("jordan") == {}


@pytest.mark.parametrize("event", [DUE, {"sweep": True}])
def test_switched_off_responders_let_everybody_go(locked: Account, event: dict[str, object]) -> None:
    locked.clock.move(minutes=3)
    locked.switch("off")
    assert release(locked, event) == {KEY: "ended"}
    assert locked.user_policies("jordan") == {}


def test_switched_off_one_that_is_refused_does_not_keep_the_others(locked: Account) -> None:
    locked.add_user("ada")
    other = replace(LOCKOUT, target="ada", incident_id="inc-2")
    locked.toolbox(measures(locked.configuration, locked.aws)).containments.hold(other)
    locked.switch("off")
    with locked.fail("DeleteUserPolicy", code="AccessDenied"), pytest.raises(ReleaseError):
        release(locked, {"sweep": True})
    assert [len(locked.user_policies(name)) for name in ("ada", "jordan")] == [1, 0]


def test_the_switch_lifts_nothing_by_hand(locked: Account) -> None:
    # or the country of a challenge would be learnt as a usual one
    locked.switch("off")
    release(locked, {"sweep": True})
    (item,) = locked.containment_items()
    assert LIFTED not in item["details"]


def test_the_sweep_leaves_alone_what_began_while_it_was_looking(locked: Account) -> None:
    locked.clock.move(minutes=30)
    release(locked)
    tools = locked.toolbox(measures(locked.configuration, locked.aws))

    class BeginsAnew:
        """Somebody locks the user out again in the very moment in which the last lockout is undone once more."""

        def apply(self, containment: Containment) -> None:
            inner.apply(containment)

        def undo(self, containment: Containment) -> None:
            now = locked.clock()
            tools.containments.hold(replace(LOCKOUT, began=now, ends_at=now + timedelta(minutes=30)))
            inner.undo(containment)

    inner = measures(locked.configuration, locked.aws)[Kind.ACCOUNT_LOCKOUT]
    locked.toolbox({Kind.ACCOUNT_LOCKOUT: BeginsAnew()}).containments.sweep()
    assert POLICY in locked.user_policies("jordan")


def test_it_reaches_back_to_the_earlier_of_two_bursts(locked: Account) -> None:
    containments = locked.toolbox(measures(locked.configuration, locked.aws)).containments
    earlier = (BEGIN - timedelta(minutes=5)).isoformat()
    held = containments.hold(replace(LOCKOUT, details={SINCE: earlier}))
    assert held.details[SINCE] == earlier
    assert containments.hold(LOCKOUT).details[SINCE] == earlier


def test_what_denies_everything_is_not_narrowed(locked: Account) -> None:
    locked.add_user("ada")
    containments = locked.toolbox(measures(locked.configuration, locked.aws)).containments
    full = replace(LOCKOUT, target="ada", details={})
    containments.hold(full)
    assert SINCE not in containments.hold(replace(LOCKOUT, target="ada")).details


@pytest.mark.parametrize("event", [{}, {"containment": 7}, {"containment": "account_lockout#nobody"}])
def test_an_event_that_names_nothing_is_refused(account: Account, event: dict[str, object]) -> None:
    with pytest.raises(ReleaseError):
        release(account, event)
