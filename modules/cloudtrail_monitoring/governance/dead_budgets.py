"""Budgets that could never tell anybody, found in the synthesised output.

A budget is made whatever the policy of its topic says, and nobody hears of a message that was refused. So the policies
of the topic and of its key are asked what AWS Budgets would ask them. What is of another stack, or known only at apply,
is its owner's.
https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cloudtrail_monitoring.governance.policy_evaluator import Principal, Request, decide
from cloudtrail_monitoring.simulation.deployed_detections import blocks
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources

_BUDGETS = Principal.service("budgets.amazonaws.com")
_REFERENCE = re.compile(r"\$\{aws_\w+\.(?P<name>[\w-]+)\.")
_TOPIC = re.compile(r"arn:(?P<partition>[\w-]+):sns:(?P<region>[\w-]+):(?P<account>\d{12}):[\w-]+")
_AWS_KEYS = "alias/aws/"
_BY_TAG = "TagKeyValue"


def dead_budgets(document: Document) -> Iterator[str]:
    """A line for each budget that tells nobody, or that counts nothing.

    Args:
        document: a synthesised stack.

    Example:
        >>> list(dead_budgets({"resource": {"aws_budgets_budget": {"b": {"name": "cost"}}}}))
        ['budget cost tells nobody: it has no notification with a reader']
    """
    for attributes in resources(document, "aws_budgets_budget").values():
        name = str(attributes.get("name"))
        notifications = list(blocks(attributes.get("notification")))
        topics = dict.fromkeys(topic for one in notifications for topic in one.get("subscriber_sns_topic_arns") or ())
        if not topics and not any(one.get("subscriber_email_addresses") for one in notifications):
            yield f"budget {name} tells nobody: it has no notification with a reader"
        for topic in topics:
            if refused := _refused(document, name, topic):
                yield f"budget {name} tells nobody: {refused}"
        if any(one.get("name") == _BY_TAG for one in blocks(attributes.get("cost_filter"))):
            yield f"budget {name} counts by a tag, and reads zero until the payer activates it: let it count services"


def _refused(document: Document, budget: str, reference: str) -> str | None:
    """Why a message does not reach a topic; ``None`` where it does, or where that can't be told."""
    topic = _referred(document, "aws_sns_topic", reference)
    if topic is None:
        return None
    policies = resources(document, "aws_sns_topic_policy").values()
    policy = next((str(one.get("policy")) for one in policies if one.get("arn") == reference), None)
    if policy is None:
        return f"the topic {topic.get('name')} has no policy that lets AWS Budgets publish"
    found = None if "${" in policy else _TOPIC.search(policy)
    if found is None:
        return None
    arn, partition, region, account = found[0], found["partition"], found["region"], found["account"]
    source = {"aws:SourceArn": f"arn:{partition}:budgets::{account}:budget/{budget}"}
    if not decide(Request(_BUDGETS, "sns:Publish", arn, source), resource_policy=json.loads(policy)):
        return f"the policy of the topic {topic.get('name')} does not let AWS Budgets publish"
    encrypted = str(topic.get("kms_master_key_id") or "")
    if encrypted.startswith(_AWS_KEYS):
        return f"the topic {topic.get('name')} is encrypted with AWS's own key, which AWS Budgets may not use"
    key = _referred(document, "aws_kms_key", encrypted)
    if key is None or "${" in str(key.get("policy")):
        return None
    key_arn = f"arn:{partition}:kms:{region}:{account}:key/of-the-topic"
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        asked = Request(_BUDGETS, action, key_arn, {**source, "kms:EncryptionContext:aws:sns:topicArn": arn})
        # without a policy of its own a key is for the account's principals alone
        if not key.get("policy") or not decide(asked, resource_policy=json.loads(key["policy"])):
            return f"the key of the topic {topic.get('name')} does not let AWS Budgets use it ({action})"
    return None


def _referred(document: Document, type_: str, reference: str) -> Mapping[str, Any] | None:
    """The resource of the stack that a reference names."""
    found = _REFERENCE.match(reference)
    return resources(document, type_).get(found["name"]) if found else None
