"""Older versions of a stack's state: what the state bucket has kept of it, and how one of them is the state again.

The object is all there is: with ``use_lockfile`` and without DynamoDB Terraform keeps no checksum of it elsewhere. A
version is written anew on top of the others, under Terraform's own lock, and only if nobody has written since; what it
replaces stays a version. Nothing is written to this machine: a state holds the contacts.

Its serial goes up, as with everything that Terraform writes: whether a plan is stale is told by lineage and serial
alone, so that of two states with one serial either would take a plan that was made for the other. ``terraform state
push`` takes an older serial with ``-force`` only, and writes it as it is.

https://developer.hashicorp.com/terraform/language/backend/s3#state-locking (the lock file)
https://developer.hashicorp.com/terraform/cli/commands/state/push (lineage and serial)
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (If-Match, If-None-Match)
https://docs.aws.amazon.com/AmazonS3/latest/userguide/RestoringPreviousVersions.html
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from cloudtrail_monitoring.aws_account import caller_of, told_in_a_line
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.simulation.printable_text import printable

# S3's answers to a condition that does not hold: 412, 409, and 404 where If-Match meets a deleted object
_MOVED_ON = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
_BOOTSTRAP = "make bootstrap-state makes the state bucket"


class StateError(ValueError):
    """What keeps a version from becoming the state; ``str()`` is one line that says what to do."""


class _Resource(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    mode: str
    instances: list[Any]


class Snapshot(BaseModel):
    """What a state says of itself. Format 4 is that of Terraform since 0.12."""

    model_config = ConfigDict(frozen=True, strict=True)

    version: Literal[4]
    serial: int = Field(ge=0)
    lineage: str = Field(min_length=1)
    terraform_version: str
    resources: list[_Resource]

    @property
    def resource_count(self) -> int:
        """How many resources it knows, data sources left out."""
        return sum(len(one.instances) for one in self.resources if one.mode == "managed")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the state object, or the marker of its deletion.

    Attributes:
        snapshot: what it says; None if it was not read, can't be read as a state, or is a deletion.
    """

    id: str
    written_at: datetime
    is_current: bool
    etag: str | None
    snapshot: Snapshot | None = None

    @property
    def is_deletion(self) -> bool:
        return self.etag is None


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the version, what it replaced, and the serial under which it is the state now."""

    version: Version
    replaced: Version
    serial: int


class StateVersions:
    """The versions of one stack's state.

    Args:
        settings: of the environment.
        stack: the environment's name, or ``state-<environment>``; the environment's own stack if there is none.
        aws: clients; those of the shell's credentials if there are none.

    Raises:
        StateError: the environment has no such stack.
        AccountError: there are no usable credentials, or they are of another account.

    Example:
        >>> StateVersions(settings, "state-prod").restore("Kx7d...")  # doctest: +SKIP
    """

    def __init__(self, settings: MonitoringSettings, stack: str | None = None, aws: Aws | None = None) -> None:
        stacks = (settings.environment, f"state-{settings.environment}")
        self.stack = stack or settings.environment
        if self.stack not in stacks:
            raise StateError(
                f"{settings.environment} has no stack {printable(self.stack)}; it has {' and '.join(stacks)}"
            )
        aws = aws or Aws(settings.home_region)
        self._now = aws.now
        self._caller = caller_of(settings, aws)
        with told_in_a_line(absent=_BOOTSTRAP):
            self._s3 = aws.client("s3")
        self.bucket = settings.state.bucket_name
        self.key = f"{self.stack}/terraform.tfstate"

    def newest(self, most: int | None = None) -> tuple[Version, ...]:
        """The versions, the newest first, each with what it says.

        Args:
            most: no more than so many; each is read in full.

        Raises:
            AccountError: the bucket can't be read.
        """
        with told_in_a_line(absent=_BOOTSTRAP):
            return tuple(self._read(one)[0] for one in self._listed()[:most])

    def restore(self, version_id: str, *, other_lineage: bool = False) -> Restored:
        """Make an older version the state again, with a serial above all later ones of its lineage.

        Args:
            other_lineage: whether it may be of another lineage than the state is now: of another beginning, such as
                one from before Terraform was run without its state.

        Raises:
            StateError: there is no such version, it is no state, of another lineage, or the state is locked or was
                written meanwhile; nothing has changed then.
            AccountError: the bucket can't be read or written.
        """
        with told_in_a_line(absent=_BOOTSTRAP):
            listed = self._listed()
            place = next((place for place, one in enumerate(listed) if one.id == version_id), None)
            if place is None:
                raise self._refusal(f"has no version {printable(version_id)}: `state versions` lists what there is")
            chosen, text = self._read(listed[place])
            if chosen.is_current:
                raise self._refusal(f"has {chosen.id} as its state already")
            if chosen.snapshot is None:
                what = "the marker of a deletion" if chosen.is_deletion else "no state that Terraform wrote"
                raise self._refusal(f"can't be restored to {chosen.id}: that is {what}; choose an older version")
            later = [one.snapshot for one in (self._read(each)[0] for each in listed[:place]) if one.snapshot]
            current = later[0].lineage if later else chosen.snapshot.lineage
            if chosen.snapshot.lineage != current and not other_lineage:
                raise self._refusal(
                    f"is of lineage {printable(current)} now, and version {chosen.id} of"
                    f" {printable(chosen.snapshot.lineage)}: if that is what you want, add --other-lineage"
                )
            of_its_lineage = [one.serial for one in later if one.lineage == chosen.snapshot.lineage]
            serial = max(chosen.snapshot.serial, *of_its_lineage, 0) + 1
            renewed = with_serial(text, serial)
            with self._locked():
                self._write_over(listed[0], renewed)
        return Restored(chosen, listed[0], serial)

    def _listed(self) -> list[Version]:
        """The versions and deletions, the newest first, unread."""
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=self.key)
        # the prefix takes in the lock file, too
        found = [
            Version(one["VersionId"], one["LastModified"], one["IsLatest"], one.get("ETag"))
            for page in pages
            # S3 tells times to the second: what was written and deleted within one is deleted now
            for one in (*page.get("DeleteMarkers", ()), *page.get("Versions", ()))
            if one["Key"] == self.key
        ]
        return sorted(found, key=lambda one: (one.is_current, one.written_at), reverse=True)

    def _read(self, version: Version) -> tuple[Version, str]:
        """The version with what it says, and its text."""
        if version.is_deletion:
            return version, ""
        body = self._s3.get_object(Bucket=self.bucket, Key=self.key, VersionId=version.id)["Body"].read()
        try:
            text = body.decode()
            return replace(version, snapshot=Snapshot.model_validate_json(text)), text
        except ValueError:  # cut off, or something else: it is listed as such
            return version, ""

    def _write_over(self, current: Version, text: str) -> None:
        from botocore.exceptions import ClientError

        unchanged = {"IfNoneMatch": "*"} if current.etag is None else {"IfMatch": current.etag}
        try:
            self._put(self.key, text, **unchanged)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _MOVED_ON:
                raise
            raise self._refusal("was written meanwhile, and is left as it is: look at `state versions` again") from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock that Terraform takes, so that it waits or refuses meanwhile."""
        from botocore.exceptions import ClientError

        lock = {
            "ID": str(uuid4()),
            "Operation": "cloudtrail-monitoring state restore",
            "Info": "",
            "Who": self._caller,
            "Version": "",
            "Created": self._now().isoformat(),
            "Path": f"{self.bucket}/{self.key}",
        }
        try:
            self._put(self._lock_key, json.dumps(lock), IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] not in _MOVED_ON:
                raise
            raise self._refusal(f"is locked{self._by_whom()}") from None
        try:
            yield
        finally:
            self._unlock(lock["ID"])

    def _unlock(self, lock_id: str) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._s3.delete_object(Bucket=self.bucket, Key=self._lock_key)
        except (BotoCoreError, ClientError):
            raise self._refusal(
                f"stays locked, as the lock could not be taken back: `state versions` shows what has become of it, and"
                f" terraform force-unlock {lock_id} ends the lock"
            ) from None

    def _by_whom(self) -> str:
        try:
            held = json.loads(self._s3.get_object(Bucket=self.bucket, Key=self._lock_key)["Body"].read())
            facts = {name: printable(str(held[name])) for name in ("ID", "Operation", "Who", "Created")}
        except (ValueError, KeyError, TypeError, self._s3.exceptions.NoSuchKey):
            return ", by whom can't be read: try again"
        return (
            f" by {facts['Who']} since {facts['Created']} ({facts['Operation']}): wait for it, or, if that run is dead,"
            f" terraform force-unlock {facts['ID']}"
        )

    def _put(self, key: str, text: str, **condition: str) -> None:
        # as Terraform's backend writes with `encrypt`
        self._s3.put_object(
            Bucket=self.bucket,
            Key=key,
            Body=text.encode(),
            ContentType="application/json",
            ServerSideEncryption="AES256",
            **condition,
        )

    @property
    def _lock_key(self) -> str:
        return f"{self.key}.tflock"

    def _refusal(self, why: str) -> StateError:
        return StateError(f"{self.stack} {why}")


def with_serial(text: str, serial: int) -> str:
    """A state with another serial, and every other byte as it was.

    >>> with_serial('{"version": 4, "serial": 3, "lineage": "a"}', 9)
    '{"version": 4, "serial": 9, "lineage": "a"}'

    Raises:
        StateError: the serial does not stand where Terraform writes it, before everything else of that name.
    """
    changed = re.sub(r'("serial"\s*:\s*)\d+', rf"\g<1>{serial}", text, count=1)
    if json.loads(changed) != {**json.loads(text), "serial": serial}:
        raise StateError(
            "this version is not laid out as Terraform writes a state: terraform state push -force takes it"
        )
    return changed
