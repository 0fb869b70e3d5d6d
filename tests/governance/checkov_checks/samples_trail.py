"""Samples for the trail's rules: R-TRL-1 to R-TRL-7."""

from typing import Any

from tests.governance.checkov_checks.samples import (
    BUCKET,
    CLOUDTRAIL,
    FAILED,
    FOR_TRAIL,
    MANAGEMENT,
    NOT_JUDGED,
    PASSED,
    S3_DATA,
    WRITE_STREAMS,
    Resources,
    Sample,
    archive,
    delivery_role,
    policy,
    selector,
    statement,
    trail,
)

_STOPPED: dict[str, Any] = {"enable_logging": False}
_NO_KMS = selector("Management", eventSource={"not_equals": ["kms.amazonaws.com", "rdsdata.amazonaws.com"]})
_ALL_S3 = selector("Data", resources_type={"equals": ["AWS::S3::Object"]})
_COGNITO = selector("Data", resources_type={"equals": ["AWS::Cognito::IdentityPool"]})
_PHI = selector(
    "Data", resources_type={"equals": ["AWS::S3::Object"]}, resources_ARN={"starts_with": ["arn:aws:s3:::patients/"]}
)


def _s3_but(*arns: str) -> dict[str, object]:
    return selector(
        "Data", resources_type={"equals": ["AWS::S3::Object"]}, resources_ARN={"not_starts_with": list(arns)}
    )


def _of_organization(owner: str) -> Resources:
    """An organization trail, and whose logs CloudTrail may write."""
    delivery = statement("Allow", ["s3:PutObject"], [f"{BUCKET}/AWSLogs/{owner}/*"], FOR_TRAIL, CLOUDTRAIL)
    return archive() | trail(is_organization_trail=True) | policy(delivery=delivery)


TRAIL_SAMPLES = (
    # R-TRL-1
    Sample("CKV_CTM_TRL_1", "every region", PASSED, trail()),
    Sample("CKV_CTM_TRL_1", "global events by default", PASSED, trail(without=("include_global_service_events",))),
    Sample("CKV_CTM_TRL_1", "one region", FAILED, trail(is_multi_region_trail=False), "is_multi_region_trail"),
    Sample("CKV_CTM_TRL_1", "region unset", FAILED, trail(without=("is_multi_region_trail",))),
    Sample("CKV_CTM_TRL_1", "no global events", FAILED, trail(include_global_service_events=False), "global_service"),
    Sample("CKV_CTM_TRL_1", "stopped", NOT_JUDGED, trail(is_multi_region_trail=False, **_STOPPED)),
    # R-TRL-2
    Sample("CKV_CTM_TRL_2", "read and write", PASSED, trail()),
    Sample(
        "CKV_CTM_TRL_2",
        "read and write apart",
        PASSED,
        trail(
            advanced_event_selector=[
                selector("Management", readOnly={"equals": ["true"]}),
                selector("Management", readOnly={"equals": ["false"]}),
            ]
        ),
    ),
    Sample("CKV_CTM_TRL_2", "no selectors", FAILED, trail(without=("advanced_event_selector",)), "there is no"),
    Sample("CKV_CTM_TRL_2", "data only", FAILED, trail(advanced_event_selector=[S3_DATA]), "no selector takes"),
    Sample(
        "CKV_CTM_TRL_2",
        "writes only",
        FAILED,
        trail(advanced_event_selector=[selector("Management", readOnly={"equals": ["false"]})]),
        "reads or for writes only",
    ),
    Sample("CKV_CTM_TRL_2_DATA", "data events", PASSED, trail()),
    Sample("CKV_CTM_TRL_2_DATA", "no data events", FAILED, trail(advanced_event_selector=[MANAGEMENT])),
    Sample("CKV_CTM_TRL_2_OWN", "own left out", PASSED, trail()),
    Sample("CKV_CTM_TRL_2_OWN", "foreign type", PASSED, trail(advanced_event_selector=[_COGNITO])),
    Sample("CKV_CTM_TRL_2_OWN", "everything", FAILED, trail(advanced_event_selector=[_ALL_S3]), "AWS::S3::Object"),
    Sample(
        "CKV_CTM_TRL_2_OWN",
        "everything while stopped",
        FAILED,
        trail(advanced_event_selector=[_ALL_S3], **_STOPPED),
    ),
    Sample("CKV_CTM_TRL_2_OWN", "no data events", NOT_JUDGED, trail(advanced_event_selector=[MANAGEMENT])),
    Sample("CKV2_CTM_TRL_2_OWN", "archive left out by name", PASSED, archive()),
    Sample(
        "CKV2_CTM_TRL_2_OWN",
        "archive left out by reference",
        PASSED,
        archive() | trail(advanced_event_selector=[_s3_but("${aws_s3_bucket.archive.arn}/")]),
    ),
    Sample("CKV2_CTM_TRL_2_OWN", "only others taken in", PASSED, archive() | trail(advanced_event_selector=[_PHI])),
    Sample(
        "CKV2_CTM_TRL_2_OWN",
        "another left out",
        FAILED,
        archive() | trail(advanced_event_selector=[_s3_but("arn:aws:s3:::the-archive-of-another/")]),
    ),
    Sample(
        "CKV2_CTM_TRL_2_OWN",
        "archive taken in",
        FAILED,
        archive()
        | trail(
            advanced_event_selector=[
                selector(
                    "Data",
                    resources_type={"equals": ["AWS::S3::Object"]},
                    resources_ARN={"starts_with": [f"{BUCKET}/AWSLogs/"]},
                )
            ]
        ),
    ),
    # R-TRL-3
    Sample("CKV_CTM_TRL_3", "validated", PASSED, trail()),
    Sample("CKV_CTM_TRL_3", "not validated", FAILED, trail(enable_log_file_validation=False)),
    Sample("CKV_CTM_TRL_3", "unset while stopped", FAILED, trail(without=("enable_log_file_validation",), **_STOPPED)),
    # R-TRL-4
    Sample("CKV_CTM_TRL_4", "log group and role", PASSED, trail()),
    Sample("CKV_CTM_TRL_4", "no log group", FAILED, trail(without=("cloud_watch_logs_group_arn",)), "group_arn"),
    Sample("CKV_CTM_TRL_4", "no role", FAILED, trail(without=("cloud_watch_logs_role_arn",)), "role_arn"),
    Sample("CKV2_CTM_TRL_4", "a year", PASSED, archive()),
    Sample(
        "CKV2_CTM_TRL_4",
        "for ever",
        PASSED,
        archive() | {"aws_cloudwatch_log_group": {"trail": {"name": "trail"}}},
    ),
    Sample(
        "CKV2_CTM_TRL_4",
        "less than a year",
        FAILED,
        archive() | {"aws_cloudwatch_log_group": {"trail": {"name": "trail", "retention_in_days": 180}}},
    ),
    Sample(
        "CKV2_CTM_TRL_4",
        "another group",
        NOT_JUDGED,
        archive() | {"aws_cloudwatch_log_group": {"function": {"name": "function", "retention_in_days": 30}}},
    ),
    # R-TRL-5
    Sample("CKV_CTM_TRL_5", "both insights", PASSED, trail()),
    Sample(
        "CKV_CTM_TRL_5",
        "one insight",
        FAILED,
        trail(insight_selector=[{"insight_type": "ApiCallRateInsight"}]),
        "ApiErrorRateInsight",
    ),
    Sample(
        "CKV_CTM_TRL_5",
        "none by tag",
        FAILED,
        trail(path="stack/trail", tags={"Environment": "Production"}, without=("insight_selector",)),
    ),
    Sample("CKV_CTM_TRL_5", "none in dev", NOT_JUDGED, trail(path="dev/trail", without=("insight_selector",))),
    # R-TRL-6
    Sample("CKV_CTM_TRL_6", "account prefix", PASSED, policy()),
    Sample(
        "CKV_CTM_TRL_6",
        "account and organization",
        PASSED,
        policy(
            delivery=statement(
                "Allow",
                ["s3:PutObject"],
                [f"{BUCKET}/AWSLogs/333333333333/*", f"{BUCKET}/AWSLogs/o-a1b2c3d4e5/*"],
                FOR_TRAIL,
                CLOUDTRAIL,
            )
        ),
    ),
    Sample(
        "CKV_CTM_TRL_6",
        "any account",
        FAILED,
        policy(delivery=statement("Allow", ["s3:PutObject"], [f"{BUCKET}/AWSLogs/*"], FOR_TRAIL, CLOUDTRAIL)),
        "no account or organization",
    ),
    Sample(
        "CKV_CTM_TRL_6",
        "whole bucket",
        FAILED,
        policy(delivery=statement("Allow", ["s3:PutObject"], [f"{BUCKET}/*"], FOR_TRAIL, CLOUDTRAIL)),
    ),
    Sample("CKV2_CTM_TRL_6", "organization", PASSED, _of_organization("o-a1b2c3d4e5")),
    Sample("CKV2_CTM_TRL_6", "account only", FAILED, _of_organization("333333333333")),
    Sample("CKV2_CTM_TRL_6", "organization by variable", NOT_JUDGED, _of_organization("${var.organization_id}")),
    Sample("CKV2_CTM_TRL_6", "no organization", NOT_JUDGED, archive()),
    # R-TRL-4
    Sample("CKV2_CTM_TRL_4_ROLE", "streams only", PASSED, archive()),
    Sample(
        "CKV2_CTM_TRL_4_ROLE",
        "all of logs",
        FAILED,
        archive() | delivery_role({**WRITE_STREAMS, "Action": "logs:*"}),
    ),
    Sample(
        "CKV2_CTM_TRL_4_ROLE",
        "every log group",
        FAILED,
        archive() | delivery_role({**WRITE_STREAMS, "Resource": "*"}),
    ),
    Sample(
        "CKV2_CTM_TRL_4_ROLE",
        "policy by variable",
        NOT_JUDGED,
        archive() | {"aws_iam_role_policy": {"trail": {"role": "${aws_iam_role.trail.id}", "policy": "${var.policy}"}}},
    ),
    Sample(
        "CKV2_CTM_TRL_4_ROLE",
        "role from elsewhere",
        NOT_JUDGED,
        archive(without=("aws_iam_role", "aws_iam_role_policy")),
    ),
    # R-RSP-3
    Sample("CKV_CTM_RSP_3", "left alone", PASSED, trail(**_STOPPED, lifecycle={"ignore_changes": ["enable_logging"]})),
    Sample("CKV_CTM_RSP_3", "stopped by each apply", FAILED, trail(**_STOPPED), "ignore_changes"),
    Sample("CKV_CTM_RSP_3", "running", NOT_JUDGED, trail()),
    # R-INT-2
    Sample("CKV_CTM_INT_2", "kept", PASSED, trail()),
    Sample("CKV_CTM_INT_2", "can be destroyed", FAILED, trail(without=("lifecycle",)), "prevent_destroy"),
    Sample("CKV_CTM_INT_2", "dev", NOT_JUDGED, trail(path="dev/trail", without=("lifecycle",))),
    # R-TRL-7
    Sample("CKV_CTM_TRL_7", "nothing filtered", PASSED, trail()),
    Sample("CKV_CTM_TRL_7", "noise filtered", PASSED, trail(advanced_event_selector=[_NO_KMS])),
    Sample(
        "CKV_CTM_TRL_7",
        "iam filtered",
        FAILED,
        trail(advanced_event_selector=[selector("Management", eventSource={"not_equals": ["iam.amazonaws.com"]})]),
        "iam.amazonaws.com",
    ),
    Sample(
        "CKV_CTM_TRL_7",
        "one service only",
        FAILED,
        trail(advanced_event_selector=[selector("Management", eventSource={"equals": ["iam.amazonaws.com"]})]),
        "more than not_equals",
    ),
    Sample(
        "CKV_CTM_TRL_7",
        "by event name",
        FAILED,
        trail(advanced_event_selector=[selector("Management", eventName={"not_equals": ["StopLogging"]})]),
        "eventName",
    ),
)
