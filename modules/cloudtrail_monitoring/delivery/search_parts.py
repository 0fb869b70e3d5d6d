"""What Terraform needs for the archive's search: Glue's database and table, Athena's workgroup and named queries.

Nothing here reads a log file or runs a query.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonathena.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html
"""

from collections.abc import Iterator

from cloudtrail_monitoring.archive.search.cloudtrail_table import SearchNames
from cloudtrail_monitoring.delivery.part import Part


def search(names: SearchNames) -> Iterator[Part]:
    """Table and workgroup."""
    yield Part(
        "search",
        "Catalog",
        (names.catalog_arn, names.database_arn, names.table_arn),
        ("glue:GetDatabase", "glue:GetPartitionIndexes", "glue:GetTable", "glue:GetTags"),
        (
            "glue:CreateDatabase",
            "glue:CreateTable",
            "glue:DeleteTable",
            "glue:TagResource",
            "glue:UntagResource",
            "glue:UpdateDatabase",
            "glue:UpdateTable",
        ),
    )
    yield Part(
        "search",
        "Database",
        (names.catalog_arn, names.database_arn, *names.within_database_arns),
        changes=("glue:DeleteDatabase",),
    )
    yield Part(
        "search",
        "Workgroup",
        (names.workgroup_arn,),
        ("athena:GetNamedQuery", "athena:GetWorkGroup", "athena:ListTagsForResource"),
        (
            "athena:CreateNamedQuery",
            "athena:CreateWorkGroup",
            "athena:DeleteNamedQuery",
            "athena:DeleteWorkGroup",
            "athena:TagResource",
            "athena:UntagResource",
            "athena:UpdateNamedQuery",
            "athena:UpdateWorkGroup",
        ),
    )
