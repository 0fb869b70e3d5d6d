"""Evidence of the trail: what it records and how its log files are kept whole (R-TRL-1 to R-TRL-7, R-INT-1, R-HLT)."""

from cloudtrail_monitoring.governance.compliance.assertion import (
    All,
    AtLeast,
    Every,
    Has,
    Is,
    IsSet,
    OneOf,
    Some,
    Unbuilt,
)
from cloudtrail_monitoring.governance.compliance.control import Evidence
from cloudtrail_monitoring.governance.compliance.output import EACH_TRAIL, LOG_GROUP, TRAIL, of_type
from cloudtrail_monitoring.governance.compliance.recording import (
    DATA,
    LAMBDA_FUNCTIONS,
    MANAGEMENT,
    S3_OBJECTS,
    LeavesOutItself,
    Records,
)
from cloudtrail_monitoring.governance.compliance.telling import Rings

EVERY_REGION = Evidence(
    "R-TRL-1",
    "a named trail records every Region and the global services",
    Every(
        TRAIL,
        {"name": IsSet(), "is_multi_region_trail": Is(True), "include_global_service_events": Is(True)},
    ),
    ("CKV_CTM_TRL_1", "CKV2_CTM_TRL_1"),
)
MANAGEMENT_EVENTS = Evidence(
    "R-TRL-2", "management events are recorded, read and write", Records(MANAGEMENT), ("CKV_CTM_TRL_2",)
)
OBJECT_EVENTS = Evidence(
    "R-TRL-2",
    "reads and writes of S3 objects are recorded",
    Records(DATA, S3_OBJECTS, whole=True),
    ("CKV_CTM_TRL_2_DATA",),
)
OBJECT_WRITES = Evidence("R-TRL-2", "writes of S3 objects are recorded", Records(DATA, S3_OBJECTS, "write", whole=True))
OBJECT_READS = Evidence("R-TRL-2", "reads of S3 objects are recorded", Records(DATA, S3_OBJECTS, "read", whole=True))
FUNCTION_EVENTS = Evidence(
    "R-TRL-2", "calls of Lambda functions are recorded", Records(DATA, LAMBDA_FUNCTIONS, whole=True)
)
PHI_EVENTS = Evidence(
    "R-TRL-2",
    "what holds protected health information is named by phi_resources, and has selectors that nothing narrows",
    Records(DATA, named="PHI:"),
    is_option=True,
)
ITSELF_LEFT_OUT = Evidence(
    "R-TRL-2",
    "the trail leaves its own deliveries out",
    LeavesOutItself(),
    ("CKV_CTM_TRL_2_OWN", "CKV2_CTM_TRL_2_OWN"),
)
VALIDATION = Evidence(
    "R-TRL-3",
    "log files are validated by a digest chain",
    Every(EACH_TRAIL, {"enable_log_file_validation": Is(True)}),
    ("CKV_CTM_TRL_3",),
)
LOG_DELIVERY = Evidence(
    "R-TRL-4",
    "events reach CloudWatch Logs, and stay for a year",
    All(
        (
            Every(TRAIL, {"cloud_watch_logs_group_arn": IsSet(), "cloud_watch_logs_role_arn": IsSet()}),
            Every(LOG_GROUP, {"retention_in_days": AtLeast(365)}),
        )
    ),
    ("CKV_CTM_TRL_4", "CKV2_CTM_TRL_4", "CKV2_CTM_TRL_4_ROLE"),
)
INSIGHTS = Evidence(
    "R-TRL-5",
    "Insights watch call rate and error rate",
    All(
        tuple(
            Every(TRAIL, {"insight_selector": Has({"insight_type": Is(kind)})})
            for kind in ("ApiCallRateInsight", "ApiErrorRateInsight")
        )
    ),
    ("CKV_CTM_TRL_5",),
)
ORGANIZATION = Evidence(
    "R-TRL-6",
    "it stands there whether the trail is its organisation's, and CloudTrail may write for that and no more",
    Every(TRAIL, {"is_organization_trail": OneOf((True, False))}),
    ("CKV_CTM_TRL_6", "CKV2_CTM_TRL_6"),
)
UNFILTERED = Evidence(
    "R-TRL-7",
    "no source of management events is left out to save cost",
    Records(MANAGEMENT, whole=True),
    ("CKV_CTM_TRL_7",),
)
LOG_ENCRYPTION = Evidence(
    "R-ARC-2",
    "log files carry a customer-managed key",
    Every(EACH_TRAIL, {"kms_key_id": IsSet()}),
)
KEY_ROTATION = Evidence(
    "R-ARC-2",
    "keys are rotated",
    Every(of_type("aws_kms_key", "KMS key"), {"enable_key_rotation": Is(True)}),
)
STANDING = Evidence(
    "R-INT-2",
    "Terraform refuses to destroy the trail",
    Every(TRAIL, {"lifecycle.prevent_destroy": Is(True)}),
    ("CKV_CTM_INT_2",),
)
TRAIL_CHANGES = Evidence(
    "R-INT-2",
    "an alarm tells of a trail that is made, changed, stopped or deleted, or records less",
    All((Rings("cis-cloudtrail-change"), Rings("trail-recording-changed"))),
)
FULLER_LOGGING = Evidence(
    "R-RSP-3",
    "a second trail stands ready, stopped, with all data events, and Terraform leaves it to the responders",
    Some(
        of_type("aws_cloudtrail", "stopped trail", enable_logging=False),
        {"is_multi_region_trail": Is(True), "lifecycle.ignore_changes": Is("enable_logging")},
    ),
    ("CKV_CTM_RSP_3",),
)
DIGESTS_VERIFIED = Evidence(
    "R-INT-1",
    "the digest chain is verified on a schedule, with an alarm on a break",
    Unbuilt("nothing verifies the digest chain yet; CloudTrail writes it, and aws cloudtrail validate-logs reads it"),
)
DELIVERY_WATCHED = Evidence(
    "R-HLT-1",
    "events that are not in S3 or CloudWatch Logs within 15 minutes raise an alarm, and so do delivery errors",
    Unbuilt("nothing measures delivery yet; aws cloudtrail get-trail-status tells it to who asks"),
)
EVENTS_MISSED = Evidence(
    "R-HLT-2",
    "an event that should be recorded is looked for",
    Unbuilt("nothing looks for an event that should be there yet"),
)
