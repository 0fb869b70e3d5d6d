"""The archive as Athena reads it: names, columns, and where the log files of an account, a Region and a day lie.

Partitions are projected: Athena works out the folders from the query's filters and asks no catalogue, so that nobody
has to add one a day, and a query that names account, Region and days lists and reads no others. What is asked of the
table is left to ``archive_query``, the fields of a record to ``detections.translations.cloudtrail_columns``.

https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html (SerDe, formats)
https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html (keys)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Self

from cloudtrail_monitoring.archive.search.regions import REGIONS
from cloudtrail_monitoring.archive.search.settings import SearchSettings
from cloudtrail_monitoring.detections.translations.cloudtrail_columns import COLUMNS, ArrayOf, Column, Map, Struct
from cloudtrail_monitoring.location import Location

INPUT_FORMAT = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
OUTPUT_FORMAT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
SERDE = "org.apache.hive.hcatalog.data.JsonSerDe"
"""AWS's CREATE TABLE has this one since it gave up ``CloudTrailSerde``, which knows no newer fields."""

ACCOUNT, REGION, DAY = "account", "region", "day"
PARTITION_KEYS = (ACCOUNT, REGION, DAY)
"""The partitions, all text; ``day`` is that of delivery, as in ``2026/01/31``."""
DAY_FORMAT = "%Y/%m/%d"


class SearchNames(NamedTuple):
    """What the search's resources are called, from which policies are written before any is made."""

    location: Location
    prefix: str

    @property
    def workgroup(self) -> str:
        return f"{self.prefix}-search"

    @property
    def database(self) -> str:
        """Athena's SQL takes letters, digits and underscores without quotes.

        https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html
        """
        return f"{self.prefix.replace('-', '_')}_archive"

    @property
    def table(self) -> str:
        return "cloudtrail"

    @property
    def workgroup_arn(self) -> str:
        return self.location.arn("athena", f"workgroup/{self.workgroup}")

    @property
    def catalog_arn(self) -> str:
        return self.location.arn("glue", "catalog")

    @property
    def database_arn(self) -> str:
        return self.location.arn("glue", f"database/{self.database}")

    @property
    def table_arn(self) -> str:
        return self.location.arn("glue", f"table/{self.database}/{self.table}")

    @property
    def tables_arn(self) -> str:
        """Every table of the database."""
        return self.location.arn("glue", f"table/{self.database}/*")

    @property
    def within_database_arns(self) -> tuple[str, str]:
        """What is in the database, there or not: whoever deletes it needs the right to delete all of that, too.

        https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html#access-to-glue-resources-limitations
        """
        return self.tables_arn, self.location.arn("glue", f"userDefinedFunction/{self.database}/*")


@dataclass(frozen=True, slots=True)
class CloudTrailTable:
    """Where the log files of an archive lie.

    Args:
        account_ids: those whose folders are looked into; if there are none, a query has to name accounts.
        organization_id: of an organization trail, whose keys have it before the account.

    >>> table.projection["storage.location.template"]  # doctest: +SKIP
    's3://logs/AWSLogs/${account}/CloudTrail/${region}/${day}'
    """

    bucket_name: str
    account_ids: tuple[str, ...]
    regions: tuple[str, ...]
    first_day: date
    organization_id: str | None = None

    @classmethod
    def of(
        cls, settings: SearchSettings, *, location: Location, bucket_name: str, organization_id: str | None = None
    ) -> Self:
        """The table that an environment's settings mean."""
        return cls(
            bucket_name=bucket_name,
            account_ids=settings.organization_account_ids if organization_id else (location.account_id,),
            regions=settings.regions or REGIONS[location.partition],
            first_day=settings.first_day,
            organization_id=organization_id,
        )

    @property
    def prefix(self) -> str:
        """What every key begins with, up to the account."""
        return f"AWSLogs/{self.organization_id}/" if self.organization_id else "AWSLogs/"

    @property
    def log_files(self) -> str:
        """The keys of log files as IAM's patterns have them: neither digests nor Insights events."""
        account = "*" if self.organization_id else self.account_ids[0]
        return f"{self.prefix}{account}/CloudTrail/*"

    @property
    def location(self) -> str:
        return f"s3://{self.bucket_name}/{self.prefix}"

    @property
    def projection(self) -> dict[str, str]:
        """The table's properties."""
        listed = ",".join(self.account_ids)
        account = {"type": "enum", "values": listed} if listed else {"type": "injected"}
        projected = {
            ACCOUNT: account,
            REGION: {"type": "enum", "values": ",".join(self.regions)},
            DAY: {
                "type": "date",
                "format": "yyyy/MM/dd",
                "range": f"{self.first_day:{DAY_FORMAT}},NOW",
                "interval": "1",
                "interval.unit": "DAYS",
            },
        }
        return {
            "projection.enabled": "true",
            **{f"projection.{key}.{name}": value for key, given in projected.items() for name, value in given.items()},
            "storage.location.template": f"{self.location}${{{ACCOUNT}}}/CloudTrail/${{{REGION}}}/${{{DAY}}}",
        }


def columns() -> dict[str, str]:
    """Hive's types of the table's columns, by name.

    >>> columns()["resources"]
    'array<struct<arn:string,accountid:string,type:string>>'
    """
    return {name.lower(): _hive_type(column) for name, column in COLUMNS.items()}


def _hive_type(column: Column) -> str:
    match column:
        case Struct(members):
            return f"struct<{','.join(f'{name.lower()}:{_hive_type(one)}' for name, one in members.items())}>"
        case ArrayOf(element):
            return f"array<{_hive_type(element)}>"
        case Map():
            return "map<string,string>"
    return "string"


def unknown_regions(regions: Sequence[str], partition: str) -> list[str]:
    """Those that are no Regions of the partition, or are newer than the list here.

    >>> unknown_regions(["eu-west-1", "cn-north-1"], "aws")
    ['cn-north-1']
    """
    return [region for region in regions if region not in REGIONS[partition]]
