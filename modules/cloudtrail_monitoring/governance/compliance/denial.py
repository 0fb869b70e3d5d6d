"""Evidence that a policy refuses: judged as IAM judges, for a caller whose own policies let it do everything.

An administrator is refused by the synthesised document, then, and by nothing else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from cloudtrail_monitoring.governance.compliance.assertion import Judgement, Seen
from cloudtrail_monitoring.governance.compliance.output import Output, Resource, Selection
from cloudtrail_monitoring.governance.policy_evaluator import Document, PolicyError, Principal, Request, decide

_EVERYTHING: Document = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
}
_ADMINISTRATOR = "administrator"
_TLS: Mapping[str, str] = {"s3:TlsVersion": "1.3"}
_OBJECT = "AWSLogs/log.json.gz"


@dataclass(frozen=True)
class BucketRefuses:
    """The policy of each such bucket refuses an administrator these actions.

    Args:
        policies: the ``aws_s3_bucket_policy`` resources.
        actions: S3's; those on objects are asked for a log file.
        context: context keys of the request, such as ``aws:SecureTransport``.
    """

    policies: Selection
    actions: tuple[str, ...]
    context: Mapping[str, str] = field(default_factory=dict)

    def judge(self, output: Output) -> Judgement:
        found, faults = [], []
        policies = self.policies.find(output)
        if not policies or output.account_id is None:
            return Judgement(faults=(f"there is no {self.policies.name}",))
        for policy in policies:
            for action in self.actions:
                try:
                    decision = decide(
                        self._request(action, policy, output),
                        identity_policies=_EVERYTHING,
                        resource_policy=str(policy.attributes.get("policy")),
                        resource_account=output.account_id,
                    )
                except PolicyError as error:
                    faults.append(f"{policy.address}: the policy can't be judged: {error}")
                    continue
                if decision.allowed:
                    faults.append(f"{policy.address}: an administrator may {action}")
                else:
                    found.append(Seen(policy.address, policy.path, {f"policy[{decision.sid}]": f"refuses {action}"}))
        return Judgement(tuple(found), tuple(faults))

    def _request(self, action: str, policy: Resource, output: Output) -> Request:
        caller = Principal.role(f"arn:{output.partition}:iam::{output.account_id}:role/{_ADMINISTRATOR}")
        bucket = _bucket_of(policy, output)
        on_object = "Object" in action and not action.endswith("Configuration")
        resource = f"arn:{output.partition}:s3:::{bucket}" + (f"/{_OBJECT}" if on_object else "")
        return Request(caller, action, resource, {**_TLS, **self.context})


@dataclass(frozen=True)
class GuardRailRefuses:
    """The service control policy, an output of the stack, refuses an administrator these actions.

    Args:
        actions: by the Terraform type of the resource that they are asked for: the trail, the log group.
    """

    actions: Mapping[str, tuple[str, ...]]
    name: str = "service_control_policy"

    def judge(self, output: Output) -> Judgement:
        document, account = output.value(self.name), output.account_id
        if document is None or account is None:
            return Judgement(faults=(f"the stack has no output {self.name}",))
        address, found, faults = f"output.{self.name}", [], []
        caller = Principal.role(f"arn:{output.partition}:iam::{account}:role/{_ADMINISTRATOR}")
        for arn, actions in self._asked(output):
            for action in actions:
                try:
                    decision = decide(
                        Request(caller, action, arn),
                        identity_policies=_EVERYTHING,
                        service_control_policies=[_EVERYTHING, json.loads(document)],
                        resource_account=account,
                    )
                except (PolicyError, ValueError) as error:
                    faults.append(f"{address}: the policy can't be judged: {error}")
                    continue
                if decision.allowed:
                    faults.append(f"{address}: an administrator may {action}")
                else:
                    found.append(Seen(address, address, {f"value[{decision.sid}]": f"refuses {action}"}))
        if not found and not faults:
            faults.append("there is nothing that the service control policy could guard")
        return Judgement(tuple(found), tuple(faults))

    def _asked(self, output: Output) -> list[tuple[str, tuple[str, ...]]]:
        asked = []
        region = next((str(one.attributes.get("region")) for one in output.providers), "")
        for resource in (*output.trails, *output.log_groups):
            type_ = resource.address.partition(".")[0]
            service, kind = _ARN_OF[type_]
            place = f"arn:{output.partition}:{service}:{region}:{output.account_id}"
            if type_ in self.actions:
                asked.append((f"{place}:{kind}{resource.attributes.get('name')}", self.actions[type_]))
        return asked


_ARN_OF = {"aws_cloudtrail": ("cloudtrail", "trail/"), "aws_cloudwatch_log_group": ("logs", "log-group:")}
"""https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"""


def _bucket_of(policy: Resource, output: Output) -> str:
    given = policy.attributes.get("bucket")
    for bucket in output.of_type("aws_s3_bucket"):
        if bucket.is_named_in(given):
            return str(bucket.attributes.get("bucket"))
    return str(given)
