"""Who may do what with the trail's key (R-ARC-2, R-ARC-6) and with the topics' key, by prod's synthesised key policies.

A key's own policy is the sole authority: an administrator's rights count only where it hands them to the account.
"""

import pytest

from tests.access_requests import (
    ACCOUNT,
    ADMIN,
    ANYBODY,
    AUDIT,
    BREAK_GLASS,
    BUDGETS,
    CLOUDTRAIL,
    CLOUDWATCH,
    CLOUDWATCH_LOGS,
    DEPLOY,
    EVENTBRIDGE,
    LOOKALIKE,
    NAMESAKE,
    OTHER_ACCOUNT,
    ROOT,
    S3_LOGS,
    SNS,
    STRANGER,
    TRAIL_ARN,
    USER,
    Case,
    check,
    decide_under,
)
from tests.synthesised import Stack

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
TRAIL_CONTEXT = {"kms:EncryptionContext:aws:cloudtrail:arn": TRAIL_ARN}
LOG_GROUP = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:CloudTrail/xyz-corp-audit-trail"
LOGS_CONTEXT = "kms:EncryptionContext:aws:logs:arn"
DECRYPT, DATA_KEY = "kms:Decrypt", "kms:GenerateDataKey"
LOSS = ("kms:DisableKey", "kms:ScheduleKeyDeletion")
POLICY = "kms:PutKeyPolicy"
REFRESH = ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags")
USE = (DECRYPT, "kms:Encrypt", DATA_KEY, "kms:ReEncryptFrom", "kms:CreateGrant")
MANAGERS = {"an administrator": ADMIN, "a user": USER, "root": ROOT, "the audit team": AUDIT}
OUTSIDERS = {"another account": STRANGER, "its audit team": NAMESAKE, "nobody in particular": ANYBODY}


def ours(trail: str = TRAIL_ARN, encrypts_for: str | None = TRAIL_ARN) -> dict[str, str]:
    """What CloudTrail says when it calls KMS."""
    context = {"kms:EncryptionContext:aws:cloudtrail:arn": encrypts_for} if encrypts_for else {}
    return {"aws:SourceArn": trail, **context}


FOREIGN_TRAIL = f"arn:aws:cloudtrail:us-east-1:{OTHER_ACCOUNT}:trail/xyz-corp-audit-trail"
SECOND_TRAIL = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/somebodys-trail"

TRAIL_KEY = [
    Case("CloudTrail encrypts", CLOUDTRAIL, DATA_KEY, KEY, True, ours(), "CloudTrailEncrypts"),
    Case("CloudTrail describes", CLOUDTRAIL, "kms:DescribeKey", KEY, True, ours(encrypts_for=None)),
    Case("not for another account's trail", CLOUDTRAIL, DATA_KEY, KEY, False, ours(FOREIGN_TRAIL, FOREIGN_TRAIL)),
    Case("not for another trail", CLOUDTRAIL, DATA_KEY, KEY, False, ours(SECOND_TRAIL, SECOND_TRAIL)),
    Case("not without its context", CLOUDTRAIL, DATA_KEY, KEY, False, ours(encrypts_for=None)),
    Case("not in another account's name", CLOUDTRAIL, DATA_KEY, KEY, False, ours(encrypts_for=FOREIGN_TRAIL)),
    Case("CloudTrail does not decrypt", CLOUDTRAIL, DECRYPT, KEY, False, ours()),
    *(
        Case(f"the log group: {action}", CLOUDWATCH_LOGS, action, KEY, True, {LOGS_CONTEXT: LOG_GROUP})
        for action in (DECRYPT, "kms:Encrypt", DATA_KEY, "kms:ReEncryptTo")
    ),
    *(
        Case(f"not for {group}", CLOUDWATCH_LOGS, action, KEY, False, {LOGS_CONTEXT: group})
        for action in (DECRYPT, DATA_KEY)
        for group in (f"{LOG_GROUP}-2", f"arn:aws:logs:us-east-1:{OTHER_ACCOUNT}:log-group:CloudTrail/audit")
    ),
    Case("not without a log group", CLOUDWATCH_LOGS, DATA_KEY, KEY, False),
    Case("another service", S3_LOGS, DATA_KEY, KEY, False, ours()),
    Case("the audit team decrypts", AUDIT, DECRYPT, KEY, True, TRAIL_CONTEXT, "AuditRolesDecryptLogFiles"),
    Case("only log files", AUDIT, DECRYPT, KEY, False, {LOGS_CONTEXT: LOG_GROUP}),
    Case("the audit team does not encrypt", AUDIT, DATA_KEY, KEY, False, TRAIL_CONTEXT),
    *(
        Case(f"{name} does not decrypt", caller, DECRYPT, KEY, False, TRAIL_CONTEXT)
        for name, caller in {
            **OUTSIDERS,
            "an administrator": ADMIN,
            "a user": USER,
            "root": ROOT,
            "the deploy role": DEPLOY,
            "break-glass": BREAK_GLASS,
            "a role of the audit team's name on another path": LOOKALIKE,
        }.items()
    ),
    *(
        Case(f"{name} does not lose the key", caller, action, KEY, False, sid="DenyLossOfKeyButByBreakGlass")
        for name, caller in {**MANAGERS, **OUTSIDERS, "the deploy role": DEPLOY}.items()
        for action in LOSS
    ),
    *(
        Case(f"{name} does not open the key", caller, POLICY, KEY, False, sid="DenyPolicyChangeButByDeployment")
        for name, caller in {**MANAGERS, **OUTSIDERS}.items()
    ),
    *(Case("break-glass may", BREAK_GLASS, action, KEY, True) for action in LOSS),
    *(
        Case(f"{name} may", caller, action, KEY, True)
        for name, caller in {"the deploy role": DEPLOY, "break-glass": BREAK_GLASS}.items()
        for action in (POLICY, *REFRESH)
    ),
    *(Case("administrators see it", ADMIN, action, KEY, True) for action in (*REFRESH, "kms:TagResource")),
    *(
        Case(f"{name} sees nothing", caller, action, KEY, False)
        for name, caller in OUTSIDERS.items()
        for action in REFRESH
    ),
]

TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:xyz-corp-audit-email"
SMS_TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:xyz-corp-audit-sms"
OTHER_TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:marketing"


def publishes(topic: str, source: str | None = None) -> dict[str, str]:
    """What a publisher's call to KMS carries, through SNS."""
    return {"kms:EncryptionContext:aws:sns:topicArn": topic, **({"aws:SourceArn": source} if source else {})}


def alarm(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:cloudwatch:us-east-1:{account}:alarm:{name}"


OUR_ALARM = alarm("xyz-corp-audit-root-activity")
OUR_BUDGET = f"arn:aws:budgets::{ACCOUNT}:budget/xyz-corp-audit-cost"

TOPICS_KEY = [
    *(
        Case(f"alarms: {action} for {topic}", CLOUDWATCH, action, KEY, True, publishes(topic, OUR_ALARM))
        for topic in (TOPIC, SMS_TOPIC)
        for action in (DECRYPT, DATA_KEY)
    ),
    Case("not for another topic", CLOUDWATCH, DATA_KEY, KEY, False, publishes(OTHER_TOPIC, OUR_ALARM)),
    Case("not another alarm", CLOUDWATCH, DATA_KEY, KEY, False, publishes(TOPIC, alarm("marketing"))),
    Case(
        "not another account's alarm", CLOUDWATCH, DATA_KEY, KEY, False,
        publishes(TOPIC, alarm("xyz-corp-audit-root-activity", OTHER_ACCOUNT)),
    ),
    Case("not without a source", CLOUDWATCH, DATA_KEY, KEY, False, publishes(TOPIC)),
    *(
        Case(f"rules: {action} for {topic}", EVENTBRIDGE, action, KEY, allowed, publishes(topic))
        for topic, allowed in ((TOPIC, True), (SMS_TOPIC, False))
        for action in (DECRYPT, DATA_KEY)
    ),
    Case("no rule for another topic", EVENTBRIDGE, DATA_KEY, KEY, False, publishes(OTHER_TOPIC)),
    Case("no rule without a topic", EVENTBRIDGE, DATA_KEY, KEY, False),
    *(
        Case(f"the budget: {action} for {topic}", BUDGETS, action, KEY, allowed, publishes(topic, OUR_BUDGET))
        for topic, allowed in ((TOPIC, True), (SMS_TOPIC, False), (OTHER_TOPIC, False))
        for action in (DECRYPT, DATA_KEY)
    ),
    Case(
        "not another account's budget", BUDGETS, DATA_KEY, KEY, False,
        publishes(TOPIC, f"arn:aws:budgets::{OTHER_ACCOUNT}:budget/xyz-corp-audit-cost"),
    ),
    Case("no budget without a source", BUDGETS, DATA_KEY, KEY, False, publishes(TOPIC)),
    Case("another service", SNS, DATA_KEY, KEY, False, publishes(TOPIC)),
    *(
        Case(f"{name} does not use it", caller, action, KEY, False, publishes(TOPIC))
        for name, caller in {**MANAGERS, **OUTSIDERS, "the deploy role": DEPLOY}.items()
        for action in USE
    ),
    *(Case("administrators keep its management", ADMIN, action, KEY, True) for action in (*REFRESH, *LOSS)),
]  # fmt: skip


@pytest.mark.parametrize("case", TRAIL_KEY, ids=str)
def test_the_trail_s_key(case: Case, prod: Stack) -> None:
    # R-ARC-2, R-ARC-6
    check(case, decide_under(prod.by_path("trail-key/key"), case))


@pytest.mark.parametrize("case", TOPICS_KEY, ids=str)
def test_the_topics_key(case: Case, prod: Stack) -> None:
    # R-ALM-2, R-ALM-3: a key that keeps publishers out silences every alarm
    check(case, decide_under(prod.by_path("topics/key"), case))
