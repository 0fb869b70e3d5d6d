"""Rules about the archive's search: a table that looks elsewhere, or at less, and results that others could read.

What one query may read, and so cost, and whether its caller may set it aside, is left to ``access``.
"""

from collections.abc import Iterator

from cloudtrail_monitoring.governance.plan_review.plan import Change
from cloudtrail_monitoring.governance.plan_review.rule import (
    Rule,
    added,
    at,
    becomes,
    changed,
    either,
    ended,
    kept_resources,
    lost,
    replaced,
    shown,
)

_WORKGROUP = ("aws_athena_workgroup",)
_TABLE = ("aws_glue_catalog_table",)
_RESULTS = "configuration.result_configuration"
_LISTS = ("projection.account.values", "projection.region.values")
_DAYS = "projection.day.range"


def _looks_at_less(change: Change) -> Iterator[str]:
    """Of a table's properties, those that change otherwise than to look into further folders.

    A further property may be one that makes Athena read something else, as ``metadata_location`` does.
    https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-working-with.html
    """
    if not kept_resources(change):
        return
    before, after = at(change.before, "parameters"), at(change.after, "parameters")
    if not isinstance(before, dict):
        return
    if not isinstance(after, dict):
        yield f"parameters: {shown(before)} → {'nothing' if after is None else 'known after apply only'}"
        return
    for name, value in sorted(before.items()):
        if not _covers(name, str(value), str(after.get(name, ""))):
            yield f"{name}: {shown(value)} → {shown(after.get(name))}"
    for name in sorted(set(after) - set(before)):
        yield f"{name}: nothing → {shown(after[name])}"


def _covers(name: str, before: str, after: str) -> bool:
    if name in _LISTS:
        return set(before.split(",")) <= set(after.split(","))
    if name == _DAYS:
        (first, last), (new_first, new_last) = before.split(",", 1), [*after.split(",", 1), ""][:2]
        return bool(new_first) and new_first <= first and new_last == last
    return before == after


RULES = (
    Rule(
        "search-removed",
        "R-ARC-8",
        "seven years of log files can no longer be asked, or their saved searches are gone",
        (*_WORKGROUP, *_TABLE, "aws_glue_catalog_database"),
        either(ended, replaced),
    ),
    Rule(
        "table-looks-elsewhere",
        "R-ARC-8",
        "queries would read other files than the archive's, or miss columns, and answer as if nothing were there",
        _TABLE,
        either(
            _looks_at_less,
            changed("table_type"),
            *(added(path) for path in ("target_table", "view_original_text", "view_expanded_text")),
            changed("storage_descriptor.location"),
            changed("storage_descriptor.input_format"),
            changed("storage_descriptor.ser_de_info.serialization_library"),
            lost("storage_descriptor.columns", "column"),
            lost("partition_keys", "partition key"),
        ),
    ),
    Rule(
        "results-exposed",
        "R-ARC-6",
        "results hold what log files hold, and would lie elsewhere, or unencrypted",
        _WORKGROUP,
        either(
            changed(f"{_RESULTS}.output_location"),
            changed(f"{_RESULTS}.expected_bucket_owner"),
            changed(f"{_RESULTS}.encryption_configuration.encryption_option"),
            changed(f"{_RESULTS}.encryption_configuration.kms_key_arn"),
        ),
    ),
    Rule("search-disabled", "R-ARC-8", "no query runs", _WORKGROUP, becomes("state", "DISABLED")),
)
