"""The archive's table in Glue's catalogue, over CloudTrail's folders, with projected partitions (R-ARC-8).

What it says is left to ``cloudtrail_table``. It holds no data: whoever may read it learns names of columns, and reads
log files only as far as the archive's own policy lets them.
"""

from cdktf_cdktf_provider_aws.glue_catalog_database import GlueCatalogDatabase
from cdktf_cdktf_provider_aws.glue_catalog_table import (
    GlueCatalogTable,
    GlueCatalogTablePartitionKeys,
    GlueCatalogTableStorageDescriptor,
    GlueCatalogTableStorageDescriptorColumns,
    GlueCatalogTableStorageDescriptorSerDeInfo,
)
from constructs import Construct

from cloudtrail_monitoring.archive.search.cloudtrail_table import (
    INPUT_FORMAT,
    OUTPUT_FORMAT,
    PARTITION_KEYS,
    SERDE,
    CloudTrailTable,
    SearchNames,
    columns,
)
from cloudtrail_monitoring.terraform_text import terraform_text


class ArchiveTable(Construct):
    """Database and table.

    Example:
        >>> ArchiveTable(stack, "table", table, names=SearchNames(location, "acme"))  # doctest: +SKIP
    """

    def __init__(self, scope: Construct, id_: str, table: CloudTrailTable, *, names: SearchNames) -> None:
        super().__init__(scope, id_)
        self.database = GlueCatalogDatabase(
            self, "database", name=names.database, description=f"The CloudTrail archive {table.bucket_name}"
        )
        self.table = GlueCatalogTable(
            self,
            "table",
            name=names.table,
            database_name=self.database.name,
            description="CloudTrail's log files; name account, region and day in every query",
            table_type="EXTERNAL_TABLE",
            parameters={
                "EXTERNAL": "TRUE",
                "classification": "cloudtrail",
                **{name: terraform_text(value) for name, value in table.projection.items()},
            },
            partition_keys=[GlueCatalogTablePartitionKeys(name=name, type="string") for name in PARTITION_KEYS],
            storage_descriptor=GlueCatalogTableStorageDescriptor(
                location=table.location,
                input_format=INPUT_FORMAT,
                output_format=OUTPUT_FORMAT,
                columns=[
                    GlueCatalogTableStorageDescriptorColumns(name=name, type=type_) for name, type_ in columns().items()
                ],
                ser_de_info=GlueCatalogTableStorageDescriptorSerDeInfo(
                    name="cloudtrail", serialization_library=SERDE, parameters={"serialization.format": "1"}
                ),
            ),
        )
