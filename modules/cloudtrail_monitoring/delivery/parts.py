"""What Terraform asks of AWS to refresh, and to make, change and delete each part of the system, as a table.

The actions come from a recording of the AWS provider's calls, and are those of AWS's service authorization reference,
which names some otherwise than the calls: S3's most of all. ``ListBucket`` is also ``HeadBucket``, and
``GetEncryptionConfiguration`` and ``GetLifecycleConfiguration`` are the calls with ``Bucket`` in the middle. What
undoes a bucket's setting needs the action that sets it. Tags given to what is being made need the action that tags.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

``part.EVERYWHERE`` is for the actions that take no ARN; for every other the ARNs are this system's.
"""

from collections.abc import Iterator

from cloudtrail_monitoring.delivery.alerting_parts import alerts, responders
from cloudtrail_monitoring.delivery.budget_parts import budgets
from cloudtrail_monitoring.delivery.delivered import Delivered
from cloudtrail_monitoring.delivery.observability_parts import observability
from cloudtrail_monitoring.delivery.part import Part
from cloudtrail_monitoring.delivery.query_parts import queries
from cloudtrail_monitoring.delivery.recording_parts import keys, recording, storage
from cloudtrail_monitoring.delivery.role_parts import roles
from cloudtrail_monitoring.delivery.search_parts import search


def parts(of: Delivered) -> Iterator[Part]:
    """The parts of one environment's stack, and for refreshes those of its state's stack."""
    yield from storage(of)
    yield from recording(of)
    yield from keys(of)
    yield from alerts(of)
    yield from budgets(of)
    yield from observability(of)
    yield from queries(of)
    if of.ours.search:
        yield from search(of.ours.search)
    if of.ours.responders:
        yield from responders(of, of.ours.responders)
    yield from roles(of)
