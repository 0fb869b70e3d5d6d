"""The archive as Athena reads it, in memory: the synthesised table's projection over a folder of gzipped log files.

``Archive`` takes a table's block of the synthesised output and a folder that stands for the bucket. It finds a query's
folders as Athena does, from the partition filters and the table's properties alone, reads the ``Records`` of the files
there as rows with the table's columns, and runs the query in DuckDB, over no others. What is bridged beside what
``athena_table`` bridges: ``date_format``, the clock, and the name of the table.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-how-it-works.html
"""

import gzip
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from tests.detections.translations.athena_table import MACROS, for_duckdb, row

_CLOCK = r"""
CREATE MACRO date_format(moment, format) AS
    strftime(moment, replace(replace(format, '%i', '%M'), '%s', '%S'));
"""
_IN_DUCKDB = {"string": "VARCHAR", "map<string,string>": "VARCHAR"}


class Archive:
    """A table and its bucket.

    Args:
        table: the block of ``aws_glue_catalog_table``.
        bucket: the folder.
        today: what the projection takes for NOW, and queries for the time.
    """

    def __init__(self, table: Mapping[str, Any], bucket: Path, *, today: datetime) -> None:
        self.bucket, self._now = bucket, today
        (self._storage,) = [table["storage_descriptor"]]
        self._properties = {name: value.replace("$${", "${") for name, value in table["parameters"].items()}
        self._keys = [key["name"] for key in table["partition_keys"]]
        self.columns = {one["name"]: _structure(one["type"]) for one in self._storage["columns"]}
        self.rows_read = 0
        """By the last query."""
        self._connection = duckdb.connect()
        self._connection.execute(MACROS)
        self._connection.execute(_CLOCK)

    def folders(self, sql: str) -> list[Mapping[str, str]]:
        """The partitions that a query's filters leave, by key.

        Raises:
            AssertionError: an injected key without a value, which Athena refuses.
        """
        conditions = _conditions(sql)
        values = (self._projected(key, [one for one in conditions if one.split()[0] == key]) for key in self._keys)
        return [dict(zip(self._keys, partition, strict=True)) for partition in itertools.product(*values)]

    def files(self, sql: str) -> list[Path]:
        """The log files in those folders."""
        return [file for partition in self.folders(sql) for file in self._files(partition)]

    def query(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query, by column."""
        rows = [(partition, record) for partition in self.folders(sql) for record in self._records(partition)]
        self.rows_read = len(rows)
        structure = {**self.columns, **dict.fromkeys(self._keys, "VARCHAR")}
        documents = [json.dumps({**row(record, self.columns), **partition}) for partition, record in rows]
        self._connection.execute("DROP TABLE IF EXISTS archive")
        self._connection.execute(
            "CREATE TEMPORARY TABLE archive AS SELECT unnest(json_transform(record, ?)) FROM"
            " (SELECT unnest(?::JSON[]) AS record)",
            [json.dumps(structure), documents],
        )
        found = self._connection.execute(re.sub(r'FROM "\w+"\."\w+"', "FROM archive", self._at_this_time(sql)))
        names = [one[0] for one in found.description or ()]
        return [dict(zip(names, values, strict=True)) for values in found.fetchall()]

    def _projected(self, key: str, conditions: Sequence[str]) -> Sequence[str]:
        """The values of a key that pass the conditions on it."""
        given = {
            name.removeprefix(f"projection.{key}."): value
            for name, value in self._properties.items()
            if name.startswith(f"projection.{key}.")
        }
        match given["type"]:
            case "enum":
                return self._passing(key, given["values"].split(","), conditions)
            case "injected":
                values = [one for held in conditions for one in re.findall(r"'(\w+)'", held)]
                assert values, f"Athena refuses a query without a value for the injected key {key}"
                return values
        assert (given["format"], given["interval"], given["interval.unit"]) == ("yyyy/MM/dd", "1", "DAYS")
        first, _, last = given["range"].partition(",")
        assert last == "NOW"
        day, days = datetime.strptime(first, "%Y/%m/%d").replace(tzinfo=UTC).date(), []
        while day <= self._now.date():
            days.append(f"{day:%Y/%m/%d}")
            day += timedelta(days=1)
        return self._passing(key, days, conditions)

    def _passing(self, key: str, values: Sequence[str], conditions: Sequence[str]) -> Sequence[str]:
        where = self._at_this_time(" AND ".join(conditions) or "TRUE")
        sql = f"SELECT {key} FROM (SELECT unnest(?::VARCHAR[]) AS {key}) WHERE {where} ORDER BY {key}"  # noqa: S608 - our own SQL
        return [value for (value,) in self._connection.execute(sql, [list(values)]).fetchall()]

    def _at_this_time(self, sql: str) -> str:
        return for_duckdb(sql.replace("current_timestamp", f"TIMESTAMP '{self._now:%Y-%m-%d %H:%M:%S}'"))

    def _files(self, partition: Mapping[str, str]) -> list[Path]:
        location = self._properties["storage.location.template"]
        for name, value in partition.items():
            location = location.replace(f"${{{name}}}", value)
        assert location.startswith(self._storage["location"]), "a partition lies outside the table's location"
        folder = self.bucket / location.partition("://")[2].partition("/")[2]
        return sorted(folder.glob("*.json.gz"))

    def _records(self, partition: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        for file in self._files(partition):
            yield from json.loads(gzip.decompress(file.read_bytes()))["Records"]


def _conditions(sql: str) -> list[str]:
    """The conditions that all have to hold, one a line of the query; texts in quotes may have lines, too."""
    texts: list[str] = []

    def hidden(found: re.Match[str]) -> str:
        texts.append(found[0])
        return f"<{len(texts) - 1}>"

    where = re.sub(r"'(?:[^']|'')*'", hidden, sql).partition("\nWHERE ")[2].partition("\nORDER BY ")[0]
    return [re.sub(r"<(\d+)>", lambda found: texts[int(found[1])], one) for one in where.split("\n  AND ")]


def _structure(type_: str) -> Any:
    """A column's type in Hive's words as DuckDB's ``json_transform`` has it."""
    if type_ in _IN_DUCKDB:
        return _IN_DUCKDB[type_]
    kind, _, inner = type_.removesuffix(">").partition("<")
    if kind == "array":
        return [_structure(inner)]
    assert kind == "struct", f"no such type here: {type_}"
    members, depth, start = {}, 0, 0
    for place, character in enumerate(f"{inner},"):
        depth += (character == "<") - (character == ">")
        if character == "," and not depth:
            name, _, member = inner[start:place].partition(":")
            members[name] = _structure(member)
            start = place + 1
    return members


def deliver(
    bucket: Path,
    records: Sequence[Mapping[str, Any]],
    *,
    account: str,
    region: str,
    day: date,
    organization_id: str | None = None,
    trail: str = "a",
) -> Path:
    """Put a log file where CloudTrail would, on the day of delivery.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
    """
    owner = f"{organization_id}/{account}" if organization_id else account
    folder = bucket / "AWSLogs" / owner / "CloudTrail" / region / f"{day:%Y/%m/%d}"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{account}_CloudTrail_{region}_{day:%Y%m%d}T0005Z_{trail}.json.gz"
    file.write_bytes(gzip.compress(json.dumps({"Records": list(records)}).encode()))
    return file
