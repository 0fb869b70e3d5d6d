"""R-ARC-1 to R-ARC-6, read off the bucket and the resources that configure it, except its policy.

Lifecycle rules are judged where they move objects between storage classes: that is the archive. That the archive has
such a rule at all, and its other companions, is judged by ``ctm_archive_checks``.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudtrail_monitoring.governance.checkov_checks import ctm_attributes as tf
else:
    import ctm_attributes as tf

SEVEN_YEARS_DAYS = 2557
_STANDARD_IA_DAYS = 30
_GLACIER_DAYS = 90
_GLACIER_CLASSES = {"GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"}
_LOCK_MODES = {"GOVERNANCE", "COMPLIANCE"}
_LOG_PREFIX = "AWSLogs/"
_PUBLIC_ACCESS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


def _own_name(bucket: tf.Attributes) -> list[str] | None:
    if not tf.is_true(tf.one(bucket, "object_lock_enabled")):
        return None
    faults = []
    if not tf.one(bucket, "bucket"):
        faults.append("bucket is not set")
    if tf.is_true(tf.one(bucket, "force_destroy")):
        faults.append("force_destroy is true")
    return faults


def _sse_s3(encryption: tf.Attributes) -> list[str]:
    algorithms = [
        tf.word(tf.block(rule, "apply_server_side_encryption_by_default"), "sse_algorithm")
        for rule in tf.blocks(encryption, "rule")
    ]
    if algorithms and all(algorithm == "AES256" for algorithm in algorithms):
        return []
    return [f"sse_algorithm is {', '.join(map(str, algorithms)) or 'not set'}, not AES256"]


def _versioned(versioning: tf.Attributes) -> list[str]:
    status = tf.word(tf.block(versioning, "versioning_configuration"), "status")
    return [] if status == "Enabled" else [f"versioning_configuration.status is {status}, not Enabled"]


def _covers_logs(rule: tf.Attributes) -> bool:
    """Whether the rule is on and holds for every log file: no filter, or one by a prefix all of them begin with."""
    if tf.word(rule, "status") != "Enabled":
        return False
    condition = tf.block(rule, "filter")
    narrowed = [
        name for name in condition if not name.startswith("__") and name != "prefix" and tf.one(condition, name)
    ]
    prefixes = (tf.one(condition, "prefix"), tf.one(rule, "prefix"))
    return not narrowed and all(_LOG_PREFIX.startswith(prefix or "") for prefix in prefixes)


def moves_objects(lifecycle: tf.Attributes) -> bool:
    """Whether any rule moves objects to another storage class."""
    return any(tf.blocks(rule, "transition") for rule in tf.blocks(lifecycle, "rule"))


def _days_by_class(lifecycle: tf.Attributes) -> dict[str, int]:
    """The day on which every log file enters each storage class."""
    days: dict[str, int] = {}
    for rule in filter(_covers_logs, tf.blocks(lifecycle, "rule")):
        for transition in tf.blocks(rule, "transition"):
            day = tf.whole_number(tf.one(transition, "days"))
            if day is not None:
                days[str(tf.word(transition, "storage_class"))] = day
    return days


def _tiers(lifecycle: tf.Attributes) -> list[str] | None:
    if not moves_objects(lifecycle):
        return None
    days = _days_by_class(lifecycle)
    faults = []
    infrequent = days.get("STANDARD_IA")
    if infrequent is None:
        faults.append("no enabled rule for all logs moves them to STANDARD_IA")
    elif infrequent < _STANDARD_IA_DAYS:
        faults.append(f"logs go to STANDARD_IA on day {infrequent}, before day {_STANDARD_IA_DAYS}")
    glacier = {name: day for name, day in days.items() if name in _GLACIER_CLASSES}
    if not glacier:
        faults.append("no enabled rule for all logs moves them to a Glacier class")
    faults += [
        f"logs go to {name} on day {day}, before day {_GLACIER_DAYS}"
        for name, day in glacier.items()
        if day < _GLACIER_DAYS
    ]
    faults += [
        f"logs go to {name} on day {day}, not after STANDARD_IA"
        for name, day in glacier.items()
        if infrequent is not None and day <= infrequent
    ]
    return faults


def _expires(lifecycle: tf.Attributes) -> list[str] | None:
    if not moves_objects(lifecycle):
        return None
    rules = list(filter(_covers_logs, tf.blocks(lifecycle, "rule")))
    expirations = [tf.whole_number(tf.one(tf.block(rule, "expiration"), "days")) for rule in rules]
    current = [days for days in expirations if days]
    old = [tf.one(tf.block(rule, "noncurrent_version_expiration"), "noncurrent_days") for rule in rules]
    faults = []
    if not current:
        faults.append("no enabled rule for all logs sets expiration.days")
    elif tf.is_production(lifecycle) and min(current) < SEVEN_YEARS_DAYS:
        faults.append(f"logs expire on day {min(current)}, before day {SEVEN_YEARS_DAYS}")
    elif min(current) <= max(_days_by_class(lifecycle).values(), default=0):
        faults.append(f"logs expire on day {min(current)}, not after their last transition")
    if not any(tf.whole_number(days) for days in old):
        faults.append("no enabled rule for all logs sets noncurrent_version_expiration.noncurrent_days")
    return faults


def _locked(lock: tf.Attributes) -> list[str]:
    retention = tf.block(lock, "rule", "default_retention")
    mode, days, years = (tf.word(retention, name) for name in ("mode", "days", "years"))
    faults = []
    if mode not in _LOCK_MODES:
        faults.append(f"rule.default_retention.mode is {mode}, not GOVERNANCE or COMPLIANCE")
    kept = tf.whole_number(days) or (tf.whole_number(years) or 0) * 365
    if not kept:
        faults.append("rule.default_retention has neither days nor years")
    elif tf.is_production(lock) and kept < SEVEN_YEARS_DAYS:
        faults.append(f"logs are locked for {kept} days, fewer than {SEVEN_YEARS_DAYS}")
    return faults


def _private(access: tf.Attributes) -> list[str]:
    return [f"{name} is not true" for name in _PUBLIC_ACCESS if not tf.is_true(tf.one(access, name))]


def _owner_enforced(ownership: tf.Attributes) -> list[str]:
    setting = tf.word(tf.block(ownership, "rule"), "object_ownership")
    return [] if setting == "BucketOwnerEnforced" else [f"rule.object_ownership is {setting}, not BucketOwnerEnforced"]


def _logs_elsewhere(logging: tf.Attributes) -> list[str]:
    bucket, target = tf.one(logging, "bucket"), tf.one(logging, "target_bucket")
    if not target:
        return ["target_bucket is not set"]
    return ["target_bucket is the bucket itself"] if target == bucket else []


_CHECKS: tuple[tuple[str, str, tf.Judge], ...] = (
    ("CKV_CTM_ARC_1", "aws_s3_bucket", _own_name),
    ("CKV_CTM_ARC_2", "aws_s3_bucket_server_side_encryption_configuration", _sse_s3),
    ("CKV_CTM_ARC_3", "aws_s3_bucket_versioning", _versioned),
    ("CKV_CTM_ARC_4", "aws_s3_bucket_lifecycle_configuration", _tiers),
    ("CKV_CTM_ARC_5", "aws_s3_bucket_lifecycle_configuration", _expires),
    ("CKV_CTM_ARC_5_LOCK", "aws_s3_bucket_object_lock_configuration", _locked),
    ("CKV_CTM_ARC_6_PUBLIC", "aws_s3_bucket_public_access_block", _private),
    ("CKV_CTM_ARC_6_OWNER", "aws_s3_bucket_ownership_controls", _owner_enforced),
    ("CKV_CTM_ARC_6_LOGGING", "aws_s3_bucket_logging", _logs_elsewhere),
)

checks = [tf.RequirementCheck(rule_id, resource_type, judge) for rule_id, resource_type, judge in _CHECKS]
