"""Protection of ourselves (R-INT-2): a change of trail, archive, key, filters, alarms, topics, rules, queues, roles or
functions that does not come from the deploy role. Attempts count, the refused ones too: somebody tried.

CIS 4.5 and 4.7 tell of stopped trails and disabled keys, whoever did it. Names in angle brackets are the environment's;
``MonitoringSettings.deployed_detections`` puts them in. Deleting archived objects is no event of the trail, which
leaves its own bucket out (R-TRL-2): the bucket's access log has it.
"""

from collections.abc import Sequence

from cloudtrail_monitoring.detections.detection import Detection, Level

_ISSUER = "$.userIdentity.sessionContext.sessionIssuer.arn"
_BY_OTHERS = f'(({_ISSUER} NOT EXISTS) || ({_ISSUER} != "<deploy_role_arn>"))'


def _either(*clauses: str) -> str:
    return f"({' || '.join(clauses)})"


def _any(selector: str, values: Sequence[str]) -> str:
    return _either(*(f'({selector} = "{value}")' for value in values))


def _names(selectors: Sequence[str], value: str) -> str:
    return _either(*(f'($.requestParameters.{selector} = "{value}")' for selector in selectors))


def _changed(
    id_: str,
    title: str,
    techniques: tuple[str, ...],
    source: str,
    events: str,
    reason: str,
    reference: str,
    what: str | None = None,
    level: Level = Level.HIGH,
) -> Detection:
    clauses = [f'($.eventSource = "{source}.amazonaws.com")', *([what] if what else [])]
    return Detection(
        id=id_,
        title=title,
        level=level,
        pattern="{ " + " && ".join([*clauses, _any("$.eventName", events.split()), _BY_OTHERS]) + " }",
        reason=reason,
        requirement="R-INT-2",
        techniques=techniques,
        references=(reference,),
        period_seconds=60,
    )


TRAIL_PROTECTION = (
    _changed(
        "trail-recording-changed",
        "What trails record was changed around deployment",
        ("T1562.008",),
        "cloudtrail",
        "PutEventSelectors PutInsightSelectors PutEventConfiguration",
        "A narrower selector makes the trail blind without stopping it.",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html",
    ),
    _changed(
        "trail-access-changed",
        "Who may use CloudTrail's resources was changed around deployment",
        ("T1562.008",),
        "cloudtrail",
        "PutResourcePolicy DeleteResourcePolicy RegisterOrganizationDelegatedAdmin"
        " DeregisterOrganizationDelegatedAdmin",
        "Another account may read the log, or feed it false events.",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutResourcePolicy.html",
    ),
    _changed(
        "archive-access-changed",
        "The archive's policy or access was changed around deployment",
        ("T1562.008",),
        "s3",
        "PutBucketPolicy DeleteBucketPolicy PutBucketAcl PutBucketPublicAccessBlock DeleteBucketPublicAccessBlock"
        " PutBucketOwnershipControls DeleteBucketOwnershipControls DeleteBucket",
        "The bucket policy is what keeps administrators off the log.",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html",
        _any("$.requestParameters.bucketName", ("<archive_bucket>", "<access_log_bucket>")),
    ),
    _changed(
        "archive-keeping-changed",
        "The archive's lock, lifecycle or versioning was changed around deployment",
        ("T1562.008", "T1485.001"),
        "s3",
        "PutBucketObjectLockConfiguration PutBucketLifecycle DeleteBucketLifecycle PutBucketVersioning"
        " PutBucketEncryption DeleteBucketEncryption PutBucketReplication DeleteBucketReplication PutBucketLogging",
        "Logs could expire, or be overwritten, long before their seven years.",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html",
        _any("$.requestParameters.bucketName", ("<archive_bucket>", "<access_log_bucket>")),
    ),
    _changed(
        "key-policy-changed",
        "A KMS key's policy, alias or rotation was changed around deployment",
        (),
        "kms",
        "PutKeyPolicy DisableKeyRotation DeleteAlias UpdateAlias DeleteImportedKeyMaterial",
        "Keys don't carry names in their events, so every key counts: ours may be the one.",
        "https://docs.aws.amazon.com/kms/latest/developerguide/understanding-kms-entries.html",
        level=Level.MEDIUM,
    ),
    _changed(
        "alarms-changed",
        "Our alarms were changed around deployment",
        ("T1562.001",),
        "monitoring",
        "DeleteAlarms DisableAlarmActions PutMetricAlarm PutCompositeAlarm SetAlarmState PutAlarmMuteRule",
        "An alarm that is muted, or without actions, looks alive and tells nobody.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/logging_cw_api_calls.html",
        # a mute rule, of whatever name, lists the alarms: deleting one only lets them speak again
        _names(("alarmNames[*]", "alarmName", "muteTargets.alarmNames[*]"), "<name_prefix>-*"),
    ),
    _changed(
        "topics-changed",
        "Our alert topics were changed around deployment",
        ("T1562.001",),
        "sns",
        "DeleteTopic SetTopicAttributes Subscribe Unsubscribe SetSubscriptionAttributes AddPermission RemovePermission"
        " PutDataProtectionPolicy",
        "Alerts would reach nobody, or somebody else.",
        "https://docs.aws.amazon.com/sns/latest/dg/sns-logging-using-cloudtrail.html",
        _names(("topicArn", "subscriptionArn", "resourceArn"), "*:<name_prefix>-*"),
    ),
    _changed(
        "log-filters-changed",
        "Our metric or subscription filters were changed around deployment",
        ("T1562.008",),
        "logs",
        "PutMetricFilter DeleteMetricFilter PutSubscriptionFilter DeleteSubscriptionFilter",
        "Without its filter a detection sees nothing, and its alarm stays green.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/logging_cw_api_calls_cwl.html",
        '($.requestParameters.logGroupName = "<log_group>")',
    ),
    _changed(
        "log-group-changed",
        "The trail's log group was changed around deployment",
        ("T1562.008",),
        "logs",
        # with asterisks, or exclusions would no longer fit: Put and Delete, Associate and Disassociate
        "DeleteLogGroup DeleteLogStream *RetentionPolicy *KmsKey PutDataProtectionPolicy",
        "Records that are deleted, masked or unreadable are seen by no filter, and by no one afterwards.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/logging_cw_api_calls_cwl.html",
        # an identifier is the group's name or its ARN, which is also written with ":*" at its end
        _either(
            '($.requestParameters.logGroupName = "<log_group>")',
            '($.requestParameters.logGroupIdentifier = "*<log_group>")',
            '($.requestParameters.logGroupIdentifier = "*<log_group>:*")',
            '($.requestParameters.resourceIdentifier = "*<log_group>")',
            '($.requestParameters.resourceIdentifier = "*<log_group>:*")',
        ),
    ),
    _changed(
        "log-policies-changed",
        "A policy on all log groups was changed around deployment",
        ("T1562.008",),
        "logs",
        "PutAccountPolicy DeleteAccountPolicy",
        "A policy of the whole account masks the trail's records, rewrites or drops them, and names no log group.",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutAccountPolicy.html",
    ),
    _changed(
        "event-rules-changed",
        "Our event rules were changed around deployment",
        ("T1562.001",),
        "events",
        "DisableRule DeleteRule PutRule PutTargets RemoveTargets",
        "The fast path to alerts and responders ends with its rule.",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-logging-monitoring.html",
        _names(("name", "rule"), "<name_prefix>-*"),
    ),
    _changed(
        "event-bus-changed",
        "The default event bus was changed around deployment",
        ("T1562.001",),
        "events",
        "PutPermission RemovePermission UpdateEventBus",
        "Our rules stand on this bus: others may write to it now, or its events are unreadable without their key.",
        "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html",
        # permissions that name no bus are the default one's
        " && ".join(
            f'(($.requestParameters.{bus} NOT EXISTS) || ($.requestParameters.{bus} = "default"))'
            for bus in ("eventBusName", "name")
        ),
    ),
    _changed(
        "responders-changed",
        "Our functions were changed around deployment",
        ("T1562.001",),
        "lambda",
        "UpdateFunctionCode20150331v2 UpdateFunctionConfiguration20150331v2 DeleteFunction20150331"
        " PutFunctionConcurrency20171031 DeleteFunctionConcurrency20171031 AddPermission20150331v2"
        " RemovePermission20150331v2",
        "A responder acts on people's accounts: whoever changes its code acts with its rights.",
        "https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html",
        _any("$.requestParameters.functionName", ("<name_prefix>-*", "*:<name_prefix>-*")),
    ),
    _changed(
        "responder-feed-changed",
        "What feeds our functions was changed around deployment",
        ("T1562.001",),
        "lambda",
        "CreateEventSourceMapping20150331 UpdateEventSourceMapping20150331 DeleteEventSourceMapping20150331",
        "Without its event source mapping no responder hears of anything; another one takes our events elsewhere.",
        "https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html",
        # a deletion names neither function nor queue, its answer does: one that is refused can't be told from others
        _either(
            '($.requestParameters.functionName = "<name_prefix>-*")',
            *(
                f'($.{part} = "*:<name_prefix>-*")'
                for part in (
                    "requestParameters.functionName",
                    "requestParameters.eventSourceArn",
                    "responseElements.functionArn",
                    "responseElements.eventSourceArn",
                )
            ),
        ),
    ),
    _changed(
        "queues-changed",
        "Our queues were changed around deployment",
        ("T1562.001",),
        "sqs",
        "DeleteQueue SetQueueAttributes PurgeQueue AddPermission RemovePermission",
        "Events that wait for a responder would be lost, or read and written by somebody else.",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/logging-using-cloudtrail.html",
        _names(("queueUrl",), "*/<name_prefix>-*"),
    ),
    _changed(
        "own-roles-changed",
        "Our roles were changed around deployment",
        ("T1098.003", "T1562.001"),
        "iam",
        "CreateRole DeleteRole DeleteRolePolicy PutRolePolicy AttachRolePolicy DetachRolePolicy UpdateAssumeRolePolicy"
        " PutRolePermissionsBoundary DeleteRolePermissionsBoundary",
        "Without their rights no filter hears of the trail and no responder acts; with more, they act for others.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html",
        _any("$.requestParameters.roleName", ("<name_prefix>-*", "<log_delivery_role>")),
    ),
    _changed(
        "responders-switched",
        "The responders' switch was changed around deployment",
        ("T1562.001",),
        "ssm",
        "PutParameter DeleteParameter DeleteParameters",
        "Responders that are switched off contain nobody. People may do it in an emergency: ask them.",
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-cloudtrail-logs.html",
        # a parameter is named by its name or its ARN
        _names(("name", "names[*]"), "*/<name_prefix>/responders"),
    ),
)
