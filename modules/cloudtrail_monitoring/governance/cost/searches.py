"""What searching the archive costs in one month: Athena by what it reads, S3 by the class it reads it from, results.

Queries read the archive as it lies there: in the later years nearly all of it comes from Glacier Instant Retrieval,
which asks six times for a GB what Athena does. https://aws.amazon.com/athena/pricing/
"""

import math
from collections.abc import Iterable, Iterator

from cloudtrail_monitoring.governance.cost.references import named, number
from cloudtrail_monitoring.governance.cost.usage import DAYS_A_MONTH, Month, Part, Usage
from cloudtrail_monitoring.governance.cost.volumes import EventVolumes
from cloudtrail_monitoring.simulation.deployed_detections import blocks
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources

STORAGE_CLASS = "s3-storage-"
_RETRIEVED = ("STANDARD_IA", "GLACIER_IR")
"""The classes that ask for reading; the colder ones can't be read unrestored, and Standard is free."""
_CATALOGUED = ("aws_glue_catalog_database", "aws_glue_catalog_table")
_BUCKET = "aws_s3_bucket"


def search_usage(document: Document, stored: Iterable[Usage], volumes: EventVolumes, month: Month) -> Iterator[Usage]:
    """Athena's, Glue's and S3's charges for searches in one month; none where no workgroup is made.

    Args:
        stored: what the archive holds in this month, by class.
    """
    for type_ in _CATALOGUED:
        yield Usage(Part.SEARCH, "catalogue", "glue-catalog-object", len(resources(document, type_)))
    workgroups = resources(document, "aws_athena_workgroup")
    if not workgroups:
        return
    read = volumes.athena_gb_a_month
    yield Usage(Part.SEARCH, "reading by Athena", "athena-scanned", read)
    by_class = dict.fromkeys(_RETRIEVED, 0.0)
    whole = 0.0
    for usage in stored:
        class_ = usage.price.partition(STORAGE_CLASS)[2]
        if class_:
            whole += usage.quantity
            by_class[class_] = by_class.get(class_, 0.0) + usage.quantity
    for class_ in _RETRIEVED:
        share = by_class[class_] / whole if whole else 0.0
        yield Usage(Part.SEARCH, "retrieval", f"s3-retrieval-{class_}", read * share)
    kept = min(_days_kept(document, one.get("configuration")) for one in workgroups.values())
    a_day = volumes.athena_results_gb_a_month / DAYS_A_MONTH
    results = a_day * month.days_kept(0, kept)
    yield Usage(Part.STORAGE, "query results", f"{STORAGE_CLASS}STANDARD", results)


def _days_kept(document: Document, configuration: object) -> float:
    """How long the bucket of a workgroup keeps results, old versions included; for ever without a rule."""
    results = (one for given in blocks(configuration) for one in blocks(given.get("result_configuration")))
    location = next((str(one.get("output_location")) for one in results), "")
    bucket = named(document, _BUCKET, location.removeprefix("s3://").partition("/")[0], by="bucket")
    days = math.inf
    for one in resources(document, "aws_s3_bucket_lifecycle_configuration").values():
        if bucket and named(document, _BUCKET, one.get("bucket"), by="bucket") == bucket:
            for rule in blocks(one.get("rule")):
                ends = [number(end, "days") or math.inf for end in blocks(rule.get("expiration"))]
                old = [number(end, "noncurrent_days") for end in blocks(rule.get("noncurrent_version_expiration"))]
                if ends:
                    days = min(days, min(ends) + min(old, default=0.0))
    return days
