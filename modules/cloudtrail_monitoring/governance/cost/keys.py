"""What keys cost in one month: KMS by their number and age, and by what is encrypted with them.

https://aws.amazon.com/kms/pricing/
"""

from collections.abc import Iterable, Iterator

from cloudtrail_monitoring.governance.cost.functions import queue_messages_a_day
from cloudtrail_monitoring.governance.cost.storage import log_files
from cloudtrail_monitoring.governance.cost.trails import Trail
from cloudtrail_monitoring.governance.cost.usage import DAYS_A_MONTH, Month, Part, Usage
from cloudtrail_monitoring.governance.cost.volumes import EventVolumes
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources

_MONTHS_TO_ROTATION = 12
_CHARGED_ROTATIONS = 2
# a message is encrypted by who sends it and decrypted by who gets it
_REQUESTS_A_MESSAGE = 2


def key_usage(document: Document, trails: Iterable[Trail], volumes: EventVolumes, month: Month) -> Iterator[Usage]:
    """KMS's charges in one month: the first and second yearly rotation of a key raise its price, later ones don't.

    CloudTrail asks for a data key for each log file; digests are not encrypted with the key.
    https://docs.aws.amazon.com/kms/latest/developerguide/services-cloudtrail.html
    """
    keys = resources(document, "aws_kms_key").values()
    rotations = min((month.number - 1) // _MONTHS_TO_ROTATION, _CHARGED_ROTATIONS)
    for attributes in keys:
        versions = 1 + (rotations if attributes.get("enable_key_rotation") else 0)
        yield Usage(Part.KEYS, "keys, rotated ones included", "kms-key", versions)
    if keys:
        files = sum(kind.a_day for trail in trails if trail.is_encrypted for kind in log_files(trail, volumes))
        messages = volumes.emails_a_day + volumes.sms_a_day + queue_messages_a_day(document, volumes)
        requests = (files + messages * _REQUESTS_A_MESSAGE) * DAYS_A_MONTH
        yield Usage(Part.KEYS, "log files and messages", "kms-request", requests)
