"""The evidence as files: the records, what they say, and a manifest that `sha256sum --check` reads.

The same records give the same bytes, whenever and from wherever they were gathered. Uploaded evidence lies under a name
made from the manifest's digest, so that a later gathering stands beside an earlier one; the bucket's Object Lock keeps
both. The digest is noted in the incident's timeline, which ties the one to the other.
"""

import base64
import gzip
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from cloudtrail_monitoring.responders.investigation.desk import InvestigationError
from cloudtrail_monitoring.responders.investigation.evidence import Evidence, read_evidence
from cloudtrail_monitoring.responders.investigation.gathering import Piece

RECORDS, EVIDENCE, MANIFEST = "records.jsonl.gz", "evidence.json", "SHA256SUMS"
PREFIX = "evidence"
DIGEST_CHARACTERS = 12


class Written(NamedTuple):
    """What stands in a folder."""

    directory: Path
    digest: str
    """SHA-256 of the manifest."""


def write_evidence(directory: Path, evidence: Evidence, pieces: Iterable[Piece]) -> Written:
    """Write records, evidence and manifest; what an earlier gathering wrote there is replaced."""
    # without a time and a name in its header, equal content is equal gzip
    records = gzip.compress(b"".join(one.line + b"\n" for one in pieces), mtime=0)
    files = {RECORDS: records, EVIDENCE: evidence.to_json().encode()}
    manifest = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in {**files, MANIFEST: manifest}.items():
            (directory / name).write_bytes(content)
    except OSError as error:
        raise InvestigationError(f"{directory}: can't be written: {error.strerror}") from None
    return Written(directory, hashlib.sha256(manifest).hexdigest())


def gathered_evidence(directory: Path, incident_id: str) -> tuple[Evidence, Written] | None:
    """The evidence in a folder, checked against its manifest; ``None`` if none was gathered into it.

    Raises:
        InvestigationError: a file is missing, was changed, or is another incident's.
    """
    if not (directory / MANIFEST).exists():
        return None
    try:
        manifest = (directory / MANIFEST).read_bytes()
        for line in manifest.decode().splitlines():
            digest, _, name = line.partition("  ")
            if name not in (RECORDS, EVIDENCE):
                raise InvestigationError(f"{directory / MANIFEST}: not a manifest that gather wrote: gather again")
            if hashlib.sha256((directory / name).read_bytes()).hexdigest() != digest:
                raise InvestigationError(f"{directory / name}: changed since it was gathered: gather again")
    except (OSError, UnicodeDecodeError) as error:
        raise InvestigationError(f"{directory}: the evidence is incomplete ({error}): gather again") from None
    return read_evidence(directory / EVIDENCE, incident_id), Written(directory, hashlib.sha256(manifest).hexdigest())


def upload(s3: Any, bucket: str, incident_id: str, written: Written, *, owner: str) -> str:
    """Put the files into the evidence bucket; where they are then.

    Args:
        s3: boto3's client.
        owner: the account whose bucket it must be: a name that somebody else has taken gets nothing.
    """
    place = f"{PREFIX}/{incident_id}/{written.digest[:DIGEST_CHARACTERS]}"
    # the manifest last: where it stands, everything stands
    for name in (RECORDS, EVIDENCE, MANIFEST):
        content = (written.directory / name).read_bytes()
        s3.put_object(
            Bucket=bucket,
            Key=f"{place}/{name}",
            Body=content,
            ExpectedBucketOwner=owner,
            # S3 takes objects under a lock only with a checksum, and refuses what arrived otherwise
            ChecksumSHA256=base64.b64encode(hashlib.sha256(content).digest()).decode(),
        )
    return f"s3://{bucket}/{place}/"
