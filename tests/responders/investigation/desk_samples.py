"""An emulated account with an environment's tables, log group and evidence bucket, an incident, and its records.

The records are those of the demonstration's attack: guessed password, login without MFA, a policy of one's own, then
the root user from another address.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
from rich.console import Console

from cloudtrail_monitoring.responders.investigation.desk import Desk
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.responders.runtime.containment import SINCE, Containment, Kind
from cloudtrail_monitoring.responders.runtime.incidents import RESPONDER, Entry, Incident, Stage, incident_id
from cloudtrail_monitoring.responders.settings import RespondersSettings
from cloudtrail_monitoring.settings import MonitoringSettings
from tests.conftest import PROJECT
from tests.runtime import account as emulated
from tests.runtime.account import ACCOUNT, PREFIX, REGION, Account
from tests.settings_samples import SAMPLE, changed

Record = dict[str, Any]
SCENARIO = PROJECT / "modules/cloudtrail_monitoring/sandbox/scenario"
SUBJECT = "user jordan.meyer"
OPENED = datetime(2026, 3, 9, 5, 53, 41, tzinfo=UTC)
NOW = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
ID = incident_id(Kind.ACCOUNT_LOCKOUT, SUBJECT, OPENED)
INCIDENT = Incident(ID, Kind.ACCOUNT_LOCKOUT, SUBJECT, f"7 failed console logins of {SUBJECT}", OPENED, Stage.ALERT)
SETTINGS = changed(SAMPLE, account_id=ACCOUNT, name_prefix=PREFIX, responders=RespondersSettings())
LOG_GROUP = SETTINGS.trail.log_group_name
HOSTILE = (
    "<script>alert(1)</script> [x](https://evil.example) | `*_#\x1b[2J\u202e\n# head www.evil.example a@evil.example"
)


def attack() -> list[Record]:
    """The attack's records and what went on every day besides, in this account."""
    text = "".join((SCENARIO / name).read_text() for name in ("attack.jsonl", "everyday.jsonl"))
    return [json.loads(line) for line in text.replace("333333333333", ACCOUNT).splitlines() if line.strip()]


def held_up_attack() -> list[Record]:
    """The attack as it goes where responders stand: refused while locked out, and on when that has ended.

    The lockout leaves access keys alone, and with one the user made another meanwhile.
    """
    records = attack()
    for record in records:
        if record["eventName"] in ("CreatePolicyVersion", "PutUserPolicy") and SUBJECT.endswith(_name(record)):
            record["eventTime"] = record["eventTime"].replace("T06:1", "T06:3")
    (pattern,) = (one for one in records if one["eventName"] == "AttachUserPolicy" and SUBJECT.endswith(_name(one)))
    identity = {name: one for name, one in pattern["userIdentity"].items() if name != "sessionContext"}
    by_key = {
        **{name: one for name, one in pattern.items() if not name.startswith(("error", "session"))},
        "eventID": "5e0b1f64-0120-4c3a-9d27-202603090120",
        "eventTime": "2026-03-09T06:02:17Z",
        "eventName": "CreateAccessKey",
        "userAgent": "aws-cli/2.24.5",
        "userIdentity": {**identity, "accessKeyId": "AKIAJORDANMEYEXAMPLE"},
        "requestParameters": {"userName": "jordan.meyer"},
        "responseElements": {"accessKey": {"accessKeyId": "AKIAJORDANNEWEXAMPLE", "userName": "jordan.meyer"}},
    }
    return [*records, by_key]


def _name(record: Record) -> str:
    return str(record["userIdentity"].get("userName"))


class NoMeasure:
    """Does nothing in the account: here it matters what is remembered of a containment."""

    def apply(self, containment: Containment) -> None:
        """Nothing."""

    def undo(self, containment: Containment) -> None:
        """Nothing."""


class Bench:
    """The account, with a desk over it, and what the commands printed."""

    def __init__(self, account: Account) -> None:
        self.account = account
        account.clock.at = NOW
        self.printed = StringIO()
        self.console = Console(file=self.printed, width=140)
        self._logs = boto3.client("logs", region_name=REGION)
        self._logs.create_log_group(logGroupName=LOG_GROUP)
        self._logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName="trail")
        self.desk = self.new_desk()

    def new_desk(self, settings: MonitoringSettings = SETTINGS, aws: Aws | None = None) -> Desk:
        return Desk.of(settings, aws or self.account.aws)

    def open_incident(self, incident: Incident = INCIDENT) -> Incident:
        assert self.desk.incidents.open(incident)
        self.desk.incidents.note(incident.id, Entry(incident.opened_at, RESPONDER, "locked for half an hour"))
        return incident

    def lock(
        self, name: str = "jordan.meyer", *, ends_at: datetime, incident: Incident = INCIDENT, since: str = ""
    ) -> Containment:
        """A lockout, remembered as the responder has it."""
        containments = self.account.toolbox({Kind.ACCOUNT_LOCKOUT: NoMeasure()}).containments
        details = {SINCE: since} if since else {}
        return containments.hold(Containment(Kind.ACCOUNT_LOCKOUT, name, OPENED, ends_at, incident.id, details))

    def lock_and_let_go(self) -> Containment | None:
        """The lockout of half an hour after the last failure, ended by its schedule."""
        self.account.clock.at = OPENED + timedelta(seconds=5)
        held = self.lock(ends_at=OPENED + timedelta(minutes=30), since="2026-03-09T05:46:02+00:00")
        self.account.clock.at = datetime(2026, 3, 9, 6, 24, tzinfo=UTC)
        ended = self.account.toolbox({Kind.ACCOUNT_LOCKOUT: NoMeasure()}).containments.reconcile(held.key)
        self.account.clock.at = NOW
        return ended

    def log(self, *records: Record | str) -> None:
        """Records as the trail delivers them to its log group, each a while after it happened."""
        events: list[Any] = []
        for record in records:
            at = OPENED if isinstance(record, str) else datetime.fromisoformat(record["eventTime"])
            message = record if isinstance(record, str) else json.dumps(record)
            events.append({"timestamp": int(at.timestamp() * 1000) + 300_000, "message": message})
        events.sort(key=lambda one: one["timestamp"])
        with patch("moto.logs.models.utcnow", return_value=NOW.replace(tzinfo=None)):
            self._logs.put_log_events(logGroupName=LOG_GROUP, logStreamName="trail", logEvents=events)

    def make_evidence_bucket(self) -> Any:
        s3 = boto3.client("s3", region_name=REGION)
        s3.create_bucket(Bucket=self.desk.evidence_bucket, ObjectLockEnabledForBucket=True)
        return s3

    @property
    def said(self) -> str:
        return self.printed.getvalue()


@contextmanager
def begin() -> Iterator[Bench]:
    """A bench of its own; its state table has the name that the constructs give it."""
    configured = replace(emulated.CONFIGURATION, state_table=f"{PREFIX}-responder-state")
    with patch.object(emulated, "CONFIGURATION", configured), emulated.begin() as account:
        yield Bench(account)


def written(path: Path, *records: Record | str) -> Path:
    """A file of records, one a line."""
    lines = (one if isinstance(one, str) else json.dumps(one) for one in records)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path
