"""Who may search (R-ARC-6): the policy that an audit role needs, and those of the bucket that holds results.

Athena works with its caller's permissions, in the caller's name. So the policies of the archive and of the trail's key
hold for a search as for any other read: an audit role is let in, everybody else is not, and Athena does not pass for
one of AWS's services there. https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html
"""

from cloudtrail_monitoring.archive.access_policy import WRITE_ACTIONS, Keepers, guards
from cloudtrail_monitoring.archive.search.cloudtrail_table import CloudTrailTable, SearchNames
from cloudtrail_monitoring.policy_document import EVERYONE, Statement, allow, deny, document

QUERY_ACTIONS = (
    "athena:BatchGetNamedQuery",
    "athena:BatchGetQueryExecution",
    "athena:GetNamedQuery",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetWorkGroup",
    "athena:ListNamedQueries",
    "athena:ListQueryExecutions",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
)
"""https://docs.aws.amazon.com/athena/latest/ug/example-policies-workgroup.html"""
_PUT = "s3:PutObject"
_WRITES_BY_SERVICES = "DenyObjectWritesButByServices"


def searcher_policy(
    names: SearchNames, table: CloudTrailTable, *, results_bucket_name: str, key_arn: str | None = None
) -> str:
    """The IAM policy, as JSON, with which a role searches this archive and nothing else.

    Args:
        key_arn: of the trail's key, where log files are encrypted with one.

    See https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html (Glue, and its default
    database) and https://docs.aws.amazon.com/athena/latest/ug/querying.html (the results' bucket).
    """
    place = names.location
    archive, results = place.bucket_arn(table.bucket_name), place.bucket_arn(results_bucket_name)
    return document(
        allow("Query", QUERY_ACTIONS, [names.workgroup_arn]),
        allow(
            "ReadTable",
            ["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"],
            [names.catalog_arn, names.database_arn, names.table_arn],
        ),
        # Athena looks at it before any query
        allow("ReadDefaultDatabase", ["glue:GetDatabase"], [place.arn("glue", "database/default")]),
        allow("ReadLogFiles", ["s3:GetObject"], [f"{archive}/{table.log_files}"]),
        allow(
            "ListLogFiles",
            ["s3:ListBucket"],
            [archive],
            conditions={"StringLike": {"s3:prefix": table.log_files}},
        ),
        allow("LocateBuckets", ["s3:GetBucketLocation"], [archive, results]),
        allow("ListResults", ["s3:ListBucket", "s3:ListBucketMultipartUploads"], [results]),
        allow(
            "ReadAndWriteResults",
            ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", _PUT],
            [f"{results}/*"],
        ),
        *([allow("DecryptLogFiles", ["kms:Decrypt"], [key_arn])] if key_arn else []),
    )


def results_access(bucket_arn: str, who: Keepers) -> tuple[Statement, ...]:
    """The statements of the results' bucket: those of the archive, but who may read may put results there, too."""
    objects = [f"{bucket_arn}/*"]
    return (
        *(one for one in guards(bucket_arn, who) if one["Sid"] != _WRITES_BY_SERVICES),
        deny(
            "DenyResultsButByAudit",
            [_PUT],
            objects,
            principal=EVERYONE,
            conditions={"ArnNotLike": {"aws:PrincipalArn": who.readers}},
        ),
        deny("DenyOtherObjectWrites", [one for one in WRITE_ACTIONS if one != _PUT], objects, principal=EVERYONE),
    )
