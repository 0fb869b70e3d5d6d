"""Lambda and deliveries: nothing leaves the process, nothing runs in Docker, and no message is lost to a pretended run.

The responders' code is run by the replay, in process; moto only has to keep what a run would need.
"""

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
        operation="sns:Publish",
        aws="posts to HTTP subscriptions",
        moto="really posts to them from this machine: a rehearsal would page somebody",
        bridge=_post_nothing,
    ),
)
