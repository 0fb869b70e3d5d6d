"""Lambda and deliveries: nothing leaves the process, nothing runs in Docker, and no message is lost to a pretended run.

The responders' code is run by the replay, in process; moto only has to keep what a run would need.
"""

import json
import logging
from collections.abc import Iterable
from typing import Any

from .gap import Gap, Replacement

_log = logging.getLogger(__name__)


def _run_no_function() -> Iterable[Replacement]:
    from moto.awslambda.models import LambdaFunction

    def _invoke_lambda(self: Any, event: Any = None) -> tuple[str, bool, str]:  # noqa: ARG001
        _log.debug("not invoked, the embedded AWS runs no function by itself: %s", self.function_arn)
        return "", False, ""

    yield Replacement(LambdaFunction, "_invoke_lambda", _invoke_lambda)


_KEPT = ("DeadLetterConfig", "LoggingConfig")


def _keep_function_configuration() -> Iterable[Replacement]:
    from moto.awslambda.models import LambdaFunction

    make, update, describe = (
        LambdaFunction.__init__,
        LambdaFunction.update_configuration,
        LambdaFunction.get_configuration,
    )

    def remember(function: Any, settings: dict[str, Any]) -> None:
        kept = getattr(function, "kept_settings", {})
        function.kept_settings = {**kept, **{name: settings[name] for name in _KEPT if settings.get(name)}}

    def __init__(self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        make(self, account_id, spec, *args, **kwargs)
        remember(self, spec)

    def update_configuration(self: Any, config_updates: dict[str, Any]) -> dict[str, Any]:
        remember(self, config_updates)
        return update(self, config_updates)

    def get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
        return {**describe(self, on_create), **self.kept_settings}

    for method in (__init__, update_configuration, get_configuration):
        yield Replacement(LambdaFunction, method.__name__, method)


def _print_policies_as_aws_does() -> Iterable[Replacement]:
    from moto.sqs.models import Queue

    attributes: Any = vars(Queue)["attributes"]

    def compact(self: Any) -> dict[str, Any]:
        found: dict[str, Any] = attributes.fget(self)
        if "RedrivePolicy" in found:
            found["RedrivePolicy"] = json.dumps(self.redrive_policy, separators=(",", ":"))
        return found

    yield Replacement(Queue, "attributes", property(compact))


def _keep_queued_messages() -> Iterable[Replacement]:
    from moto.awslambda.models import LambdaBackend
    from moto.sqs.models import sqs_backends

    create = LambdaBackend.create_event_source_mapping

    def create_event_source_mapping(self: Any, spec: dict[str, Any]) -> Any:
        mapping = create(self, spec)
        # The mapping stays known; only the queue forgets it. Refusing each batch instead would count as a failed
        # receive, and the redrive policy would move the message to the dead-letter queue.
        for queue in sqs_backends[self.account_id][self.region_name].queues.values():
            if queue.queue_arn == mapping.event_source_arn:
                queue.lambda_event_source_mappings.pop(mapping.function_arn, None)
        return mapping

    yield Replacement(LambdaBackend, "create_event_source_mapping", create_event_source_mapping)


def _post_nothing() -> Iterable[Replacement]:
    from moto.sns.models import Subscription

    publish = Subscription.publish

    def publish_inside(self: Any, *args: Any, **kwargs: Any) -> None:
        if self.protocol not in ("http", "https"):
            publish(self, *args, **kwargs)

    yield Replacement(Subscription, "publish", publish_inside)


FUNCTION_GAPS = (
    Gap(
        operation="lambda:Invoke",
        aws="runs the function when a subscribed log group or topic delivers to it",
        moto="runs it in Docker, its switch notwithstanding: that covers direct and queue invocations only",
        bridge=_run_no_function,
    ),
    Gap(
        operation="lambda:CreateEventSourceMapping",
        aws="hands a message to the function and deletes it when the function succeeded",
        moto="without Docker runs nothing, calls it a success, and deletes the message on arrival",
        bridge=_keep_queued_messages,
    ),
    Gap(
        operation="lambda:GetFunctionConfiguration",
        aws="describes the dead-letter queue and the logging configuration of a function",
        moto="forgets both",
        bridge=_keep_function_configuration,
    ),
    Gap(
        operation="sqs:GetQueueAttributes",
        aws="prints the redrive policy without spaces",
        moto="prints it with spaces, which Terraform takes for a change",
        bridge=_print_policies_as_aws_does,
    ),
    Gap(
        operation="sns:Publish",
        aws="posts to HTTP subscriptions",
        moto="really posts to them from this machine: a rehearsal would page somebody",
        bridge=_post_nothing,
    ),
)
