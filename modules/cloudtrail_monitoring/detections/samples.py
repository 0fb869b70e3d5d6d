"""The sample records of the shipped detections: for each some that it must count, and near misses that it must not.

They are ours, written after AWS's documented format: accounts, people, addresses and keys are made up. Each detection
has a file in ``catalogue/samples``, one JSON object a line; where a pattern has `<placeholders>`, the records do, too.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from cloudtrail_monitoring.detections.detection import replace_placeholders

_FOLDER = resources.files("cloudtrail_monitoring.detections.catalogue") / "samples"


class NoSamplesError(KeyError):
    """There is no file of samples for a detection's id."""

    def __str__(self) -> str:
        # KeyError would show its message in quotes
        return str(self.args[0])


@dataclass(frozen=True)
class Sample:
    """One CloudTrail record, and whether the detection counts it."""

    matches: bool
    what: str
    """Who does what, in one sentence; for a near miss also why it is none."""
    event: dict[str, Any]


def read_samples(detection_id: str, names: Mapping[str, str] = {}) -> tuple[Sample, ...]:
    """The samples of a shipped detection: those it counts first, then the near misses.

    Args:
        detection_id: such as ``root-activity``.
        names: what stands in place of `<placeholders>`, by placeholder, as in ``Detection.named``; a placeholder
            without a name stays, and still fits the detection as it is shipped.

    Raises:
        NoSamplesError: if there is no file for that id.

    >>> [sample.what for sample in read_samples("root-activity") if sample.matches][0]
    'root logs in to the console'
    """
    file = _FOLDER / f"{detection_id}.jsonl"
    if not file.is_file():
        raise NoSamplesError(f"no samples of a detection {detection_id!r}")
    lines = replace_placeholders(file.read_text(encoding="utf-8"), names).splitlines()
    return tuple(Sample(**json.loads(line)) for line in lines)
