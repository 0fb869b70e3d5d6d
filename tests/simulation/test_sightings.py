"""What a detection saw, in a size that does not depend on the records."""

from datetime import UTC, datetime
from typing import Any

from cloudtrail_monitoring.simulation.sightings import MAX_PRINCIPAL_CHARACTERS, MAX_PRINCIPALS, Principals, Sightings


def by(name: str, at: str | None = "2026-03-12T02:13:00Z", **fields: Any) -> dict[str, Any]:
    return {"eventTime": at, "userIdentity": {"type": "IAMUser", "userName": name}, **fields}


def seen(*records: dict[str, Any]) -> Sightings:
    sightings = Sightings()
    for record in records:
        sightings.add(record)
    return sightings


def test_records_and_principals_are_counted() -> None:
    sightings = seen(by("jordan"), by("priya"), by("priya"))
    assert sightings.records == 3
    assert sightings.principals.most_active(3) == [("priya", 2), ("jordan", 1)]


def test_first_and_last_do_not_depend_on_the_order() -> None:
    sightings = seen(
        by("a", "2026-03-12T03:00:00+01:00"), by("a", "2026-03-12T01:00:00Z"), by("a", "2026-03-12T02:30:00Z")
    )
    assert sightings.first == datetime(2026, 3, 12, 1, tzinfo=UTC)
    assert sightings.last == datetime(2026, 3, 12, 2, 30, tzinfo=UTC)


def test_a_record_without_a_usable_time_counts_all_the_same() -> None:
    sightings = seen(by("a", None), by("a", "yesterday"))
    assert (sightings.records, sightings.first, sightings.last) == (2, None, None)


def test_principals_beyond_the_bound_count_together() -> None:
    principals = Principals()
    for number in range(MAX_PRINCIPALS + 5):
        principals.add(f"user-{number}")
    principals.add("user-0")
    assert len(principals.counts) == MAX_PRINCIPALS
    assert principals.others == 5
    assert principals.most_active(1) == [("user-0", 2)]


def test_a_principal_without_end_is_cut() -> None:
    assert [len(name) for name in seen(by("x" * 10_000)).principals.counts] == [MAX_PRINCIPAL_CHARACTERS]
