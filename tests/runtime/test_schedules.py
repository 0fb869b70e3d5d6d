"""A schedule never fires before the end, is never changed once made, and does no harm when needed no more."""

from datetime import datetime, timedelta

import pytest

from cloudtrail_monitoring.responders.runtime.assembly import measures
from cloudtrail_monitoring.responders.runtime.containment import Containment, Kind
from cloudtrail_monitoring.responders.runtime.responder import Toolbox
from cloudtrail_monitoring.responders.runtime.schedules import Schedules
from tests.runtime.account import BEGIN, PREFIX, Account

KEY = "account_lockout#jordan"
END = BEGIN + timedelta(minutes=30)


def schedules(account: Account, prefix: str = PREFIX) -> Schedules:
    configuration = account.configuration
    return Schedules(
        account.aws.scheduler,
        group=configuration.schedule_group,
        prefix=prefix,
        function_arn=configuration.release_function_arn,
        role_arn=configuration.scheduler_role_arn,
    )


def names(account: Account) -> list[str]:
    group = account.configuration.schedule_group
    return sorted(one["Name"] for one in account.scheduler.list_schedules(GroupName=group)["Schedules"])


@pytest.mark.parametrize(
    ("end", "fires"),
    [
        (END, END),
        (END + timedelta(seconds=1), END + timedelta(minutes=1)),
        (END + timedelta(seconds=59), END + timedelta(minutes=1)),
        (END + timedelta(microseconds=1), END + timedelta(minutes=1)),
        (datetime.fromisoformat("2026-12-31T18:59:30-05:00"), datetime.fromisoformat("2027-01-01T00:00:00+00:00")),
    ],
)
def test_it_fires_in_the_first_full_minute_after_the_end(account: Account, end: datetime, fires: datetime) -> None:
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule.html: 60-second precision
    schedules(account).end(KEY, end)
    assert account.schedules() == {KEY: fires}


def test_an_extension_makes_another_and_changes_none(account: Account) -> None:
    for end in (END, END, END + timedelta(minutes=10)):
        schedules(account).end(KEY, end)
    first, second = names(account)
    assert first.endswith("-202603091430")
    assert second.endswith("-202603091440")
    assert account.calls("UpdateSchedule") == 0


def test_of_a_key_is_forgotten_what_ends_at_that_time(account: Account) -> None:
    for key, end in ((KEY, END), (KEY, END + timedelta(hours=1)), ("account_lockout#ada", END)):
        schedules(account).end(key, end)
    for _ in range(2):
        schedules(account).forget(KEY, END)
    assert account.schedules() == {KEY: END + timedelta(hours=1), "account_lockout#ada": END}


@pytest.mark.parametrize("key", [KEY, f"account_lockout#{'a' * 64}", "enhanced_logging#arn:aws:cloudtrail:x/\u00fc"])
def test_the_longest_prefix_leaves_room_for_the_end(account: Account, key: str) -> None:
    name = schedules(account, prefix="p" * 30).name(key, END)
    assert len(name) <= 64
    assert name.startswith(f"{'p' * 30}-end-")


def lockout(minutes: int) -> Containment:
    return Containment(Kind.ACCOUNT_LOCKOUT, "jordan", BEGIN, BEGIN + timedelta(minutes=minutes), "inc-1")


def tools(account: Account) -> Toolbox:
    return account.toolbox(measures(account.configuration, account.aws))


def test_one_of_an_earlier_end_leaves_the_extended_containment_standing(account: Account) -> None:
    account.add_user("jordan")
    for minutes in (30, 40):
        tools(account).containments.hold(lockout(minutes))
    account.clock.move(minutes=30)
    (standing,) = account.fire_schedules(tools(account))
    assert standing.is_standing
    assert account.user_policies("jordan")
    account.clock.move(minutes=10)
    (ended,) = account.fire_schedules(tools(account))
    assert not ended.is_standing
    assert account.user_policies("jordan") == {}


def test_one_that_fires_after_people_ended_the_containment_changes_nothing(account: Account) -> None:
    account.add_user("jordan")
    tools(account).containments.hold(lockout(30))
    account.clock.move(minutes=3)
    ended = tools(account).containments.end_now(KEY)
    account.clock.move(minutes=27)
    assert account.fire_schedules(tools(account)) in ([], [ended])
    assert account.user_policies("jordan") == {}
