"""The bundled attack: one Monday of CloudTrail records, and what the detections are expected to make of them.

The records are ours, written after AWS's documented format; people, addresses and resources are made up, and public
addresses come from the ranges reserved for documentation (RFC 5737). They belong to the production account and its
business hours, Monday to Friday 08:00 to 18:00 in New York. The day is 9 March 2026, the first working day after the
clocks there went forward: New York is 4 hours behind UTC, and whoever assumes 5 is wrong twice.

* ``attack.jsonl``: a password is guessed, an IAM user and then root log in without MFA, policies are changed at night.
* ``look-alikes.jsonl``: what resembles each of these and must not raise its alarm.
* ``everyday.jsonl``: the noise around them, which nothing may detect.

``STEPS`` says record by record what is expected; ``judge`` compares it with a replay, ``report`` shows the comparison.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudtrail_monitoring.sandbox.replay import ReplayedEvent, ReplayResult

SCENARIO = Path(__file__).parent
"""The folder of the bundled records."""

LOGIN_FAILURES = "console-login-failures"
ROOT_ACTIVITY = "root-activity"
OFF_HOURS_CHANGE = "off-hours-iam-policy-change"
LOGIN_WITHOUT_MFA = "console-login-without-mfa"


@dataclass(frozen=True)
class Step:
    """Some records that belong together and are expected to fare alike.

    Detections and alarms are named by the detection's id, without the environment's prefix.
    """

    title: str
    story: str
    """What happens, and why the alarm rings or stays silent."""
    event_ids: tuple[str, ...]
    detections: tuple[str, ...] = ()
    """What each of the records matches, in alphabetical order."""
    alarms: tuple[str, ...] = ()
    """What each of the records raises or keeps in ALARM, in alphabetical order."""
    actions: tuple[str, ...] = ()
    """What responders do about one or more of the records, in alphabetical order."""
    resembles: tuple[str, ...] = ()
    """For a look-alike: the alarms it must not raise. Empty for a step of the attack."""


def _ids(*numbers: int) -> tuple[str, ...]:
    return tuple(f"5e0b1f64-{number:04d}-4c3a-9d27-20260309{number:04d}" for number in numbers)


ATTACK: tuple[Step, ...] = (
    Step(
        "Guessing a password",
        "Seven failed console logins from one address within eight minutes, one with a user name that does not exist"
        " and that AWS therefore hides. More than five in 15 minutes ring; all lie in one quarter of the clock, too.",
        _ids(101, 102, 103, 104, 105, 106, 107),
        (LOGIN_FAILURES,),
        (LOGIN_FAILURES,),
        actions=("account_lockout",),
    ),
    Step(
        "Logging in without MFA",
        "The password is found: the IAM user logs in from the same address, through the sign-in endpoint of us-east-2.",
        _ids(111),
        (LOGIN_WITHOUT_MFA,),
        (LOGIN_WITHOUT_MFA,),
        actions=("geo_challenge",),
    ),
    Step(
        "Trying for more rights, at night",
        "02:10 in New York. The call is denied, and rings all the same: an attempt at this hour is worth a look.",
        _ids(121),
        (OFF_HOURS_CHANGE,),
        (OFF_HOURS_CHANGE,),
        actions=("enhanced_logging",),
    ),
    Step(
        "Taking all rights, at night",
        "02:13 in New York. A policy the user already holds gets a new version that allows everything, and an inline"
        " policy makes sure of it.",
        _ids(131, 132),
        (OFF_HOURS_CHANGE,),
        (OFF_HOURS_CHANGE,),
        actions=("enhanced_logging",),
    ),
    Step(
        "Logging in as root without MFA",
        "Two detections see this one: root is never used, and nobody logs in with a password alone.",
        _ids(141),
        (LOGIN_WITHOUT_MFA, ROOT_ACTIVITY),
        (LOGIN_WITHOUT_MFA, ROOT_ACTIVITY),
        actions=("enhanced_logging", "root_alert"),
    ),
    Step(
        "Looking around as root",
        "Calls that only read: the alarm counts every one, and EventBridge leaves them out to spare the mailbox.",
        _ids(151, 152, 153),
        (ROOT_ACTIVITY,),
        (ROOT_ACTIVITY,),
    ),
    Step(
        "Making a key for root",
        "A change by root: EventBridge tells of it at once. The alarm, still ringing, sends nothing new.",
        _ids(161),
        (ROOT_ACTIVITY,),
        (ROOT_ACTIVITY,),
        actions=("enhanced_logging", "root_alert"),
    ),
    Step(
        "Opening SSH as root, in another Region",
        "us-east-2: the rule there forwards the event to the bus of the home Region, where the mail is written.",
        _ids(171),
        (ROOT_ACTIVITY,),
        (ROOT_ACTIVITY,),
        actions=("enhanced_logging", "root_alert"),
    ),
    Step(
        "A role policy in the evening",
        "18:20 in New York, just after hours. A fixed offset of 5 hours would take it for 17:20 and stay silent.",
        _ids(181),
        (OFF_HOURS_CHANGE,),
        (OFF_HOURS_CHANGE,),
        actions=("enhanced_logging",),
    ),
)

LOOK_ALIKES: tuple[Step, ...] = (
    Step(
        "Login through IAM Identity Center",
        "`MFAUsed` says No because MFA happened at the identity provider: a role session is no IAM user.",
        _ids(201),
        resembles=(LOGIN_WITHOUT_MFA,),
    ),
    Step(
        "Login through a SAML federation",
        "The same with a corporate identity provider.",
        _ids(202),
        resembles=(LOGIN_WITHOUT_MFA,),
    ),
    Step(
        "A role policy in the morning",
        "08:30 in New York, just within hours. A fixed offset of 5 hours would take it for 07:30 and ring.",
        _ids(211),
        (OFF_HOURS_CHANGE,),
        resembles=(OFF_HOURS_CHANGE,),
    ),
    Step(
        "Forgetting a password",
        "Four failures of one user in 26 minutes, never more than three in any 15. They carry `MFAUsed` No as well, and"
        " are no logins.",
        _ids(221, 222, 223, 224),
        (LOGIN_FAILURES,),
        resembles=(LOGIN_FAILURES, LOGIN_WITHOUT_MFA),
    ),
    Step(
        "Login with MFA",
        "The same user, at last.",
        _ids(231),
        resembles=(LOGIN_FAILURES, LOGIN_WITHOUT_MFA),
    ),
    Step(
        "A denied policy change, in working hours",
        "Counted like any attempt, and silent: it is 10:02 in New York.",
        _ids(241),
        (OFF_HOURS_CHANGE,),
        resembles=(OFF_HOURS_CHANGE,),
    ),
    Step(
        "Trusted Advisor reading as root",
        "An AWS service acts on the account's behalf: `invokedBy` is set, and nobody used root's password or key.",
        _ids(251),
        resembles=(ROOT_ACTIVITY,),
    ),
    Step(
        "A service event on root",
        "KMS rotates a key by itself: the record names root, its type is AwsServiceEvent.",
        _ids(252),
        resembles=(ROOT_ACTIVITY,),
    ),
    Step(
        "Switching roles in the console",
        "A sign-in record without any `MFAUsed`, by an IAM user; it is not a login.",
        _ids(261),
        resembles=(LOGIN_WITHOUT_MFA,),
    ),
)

STEPS = (*ATTACK, *LOOK_ALIKES)


@dataclass(frozen=True)
class Finding:
    """A step with what became of its records in a replay; detections and alarms by id, in alphabetical order."""

    step: Step
    events: tuple[ReplayedEvent, ...]
    deviations: tuple[str, ...]
    """One line for each record that fared other than expected."""
    false_alarms: tuple[str, ...]
    """Ids of the records of a look-alike that raised an alarm the step must not raise."""


def judge(result: ReplayResult, steps: Sequence[Step] = STEPS) -> list[Finding]:
    """Compare a replay with what is expected; steps without any record in the replay are left out.

    Only the detections that some step names are compared: an environment may have more of them.
    """
    judged = {name for step in steps for name in (*step.detections, *step.alarms, *step.resembles)}
    by_id = {event.event_id: event for event in result.events}
    findings = []
    for step in steps:
        events = tuple(by_id[event_id] for event_id in step.event_ids if event_id in by_id)
        if not events:
            continue
        deviations: list[str] = []
        false_alarms: list[str] = []
        for event in events:
            seen = {
                "detections": (tuple(sorted(judged.intersection(event.detections))), step.detections),
                "alarms": (tuple(sorted(judged.intersection(map(result.detection_id, event.alarms)))), step.alarms),
            }
            for kind, (found, expected) in seen.items():
                if found != expected:
                    deviations.append(f"{event.event_id} {event.name}: {kind} {_said(found)}, not {_said(expected)}")
            if set(step.resembles).intersection(map(result.detection_id, event.alarms)):
                false_alarms.append(event.event_id)
        done = tuple(sorted({action.kind for event in events for action in event.actions}))
        if result.has_responders and done != step.actions:
            deviations.append(f"{step.title}: responders did {_said(done)}, not {_said(step.actions)}")
        findings.append(Finding(step, events, tuple(deviations), tuple(false_alarms)))
    return findings


def _said(names: Sequence[str]) -> str:
    return " and ".join(names) or "none"
