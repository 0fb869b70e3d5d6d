"""Who is behind a CloudTrail record, in few words: for tables and reports, not for decisions.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from cloudtrail_monitoring.simulation.records import Record


def actor(record: Record) -> str:
    """Who did it, as short as it can be said: a user's name, `root`, role and session, or the service.

    >>> actor({"userIdentity": {"type": "IAMUser", "userName": "jordan.meyer"}})
    'jordan.meyer'
    """
    if record.get("eventType") == "AwsCloudTrailInsight":
        return "CloudTrail Insights"  # it is no call, and has no identity
    identity = record.get("userIdentity")
    if not isinstance(identity, dict):
        return "unknown"
    if identity.get("type") == "Root":
        by = identity.get("invokedBy")
        return f"root, by {by}" if by else "root"
    arn = str(identity.get("arn") or "")
    if ":assumed-role/" in arn:
        return arn.partition(":assumed-role/")[2]
    named = identity.get("userName") or identity.get("invokedBy") or arn or identity.get("principalId")
    return str(named or identity.get("type") or "unknown")
