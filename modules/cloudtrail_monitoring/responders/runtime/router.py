"""The function behind the queue: gives each event to the responders, once, whichever path it came by.

EventBridge and the log group both feed the queue, so that most events come twice; Powertools remembers them by
``eventID`` until a later copy can't come any more. An event is remembered as done when every responder is through with
it. One that fails goes back to the queue alone, and after five times to the dead letters, whose alarm tells of it.

https://docs.aws.amazon.com/powertools/python/latest/utilities/batch/
https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

from cloudtrail_monitoring.responders.runtime.actions import Action
from cloudtrail_monitoring.responders.runtime.assembly import responders, toolbox
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import CloudTrailEvent, read_event, readable
from cloudtrail_monitoring.responders.runtime.configuration import Configuration
from cloudtrail_monitoring.responders.runtime.country_database import CountryDatabase
from cloudtrail_monitoring.responders.runtime.table import EXPIRES_AT

REMEMBERED_SECONDS = 14 * 86_400
"""As long as a message can lie in a queue.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""
HANDLED = "handled"

logger = Logger()

DidAboutEvent = Callable[[CloudTrailEvent, Action], None]


class Router:
    """The responders of an environment, behind a queue.

    Args:
        did: is told what the responders do about each event; by default the function's log is.
        countries: of addresses; by default the file that the function is configured with.
    """

    def __init__(
        self,
        configuration: Configuration,
        aws: Aws,
        did: "DidAboutEvent | None" = None,
        countries: CountryDatabase | None = None,
    ) -> None:
        self._account_id = configuration.account_id
        self._did = did or _logged
        self._event: CloudTrailEvent | None = None
        self._responders = responders(toolbox(configuration, aws, self._done), aws, countries)
        self._processor = BatchProcessor(event_type=EventType.SQS)
        self._idempotency = IdempotencyConfig(expires_after_seconds=REMEMBERED_SECONDS)
        store = DynamoDBPersistenceLayer(
            table_name=configuration.state_table,
            key_attr="pk",
            sort_key_attr="sk",
            static_pk_value=HANDLED,
            expiry_attr=EXPIRES_AT,
            boto3_client=aws.client("dynamodb"),
        )

        remembered = idempotent_function(
            data_keyword_argument="event_id", persistence_store=store, config=self._idempotency
        )
        self._respond_once: Callable[..., None] = remembered(self._respond)

    def handle(self, event: dict[str, Any], context: Any) -> Any:
        """Handle a batch of the queue.

        Returns:
            The messages that failed, as Lambda wants to know them.
        """
        self._idempotency.register_lambda_context(context)
        return process_partial_response(
            event=event, record_handler=self._one, processor=self._processor, context=context
        )

    def _one(self, record: SQSRecord) -> None:
        event = read_event(record.body)
        if event.account_id and event.account_id != self._account_id:
            return  # an organization trail has other accounts' events, too, whose users may bear the same names
        logger.info("event", extra={"event_id": event.id, "event_name": event.name, "event_time": event.at.isoformat()})
        self._respond_once(event_id=event.id, event=event)

    def _respond(self, *, event_id: str, event: CloudTrailEvent) -> None:  # noqa: ARG002 - by which it is remembered
        self._event = event
        for responder in self._responders:
            responder.respond(event)

    def _done(self, action: Action) -> None:
        if self._event is not None:
            self._did(self._event, action)


def _logged(event: CloudTrailEvent, action: Action) -> None:
    ends_at = action.ends_at.isoformat() if action.ends_at else None
    told = {"event_id": event.id, "kind": action.kind, "began": action.began.isoformat(), "ends_at": ends_at}
    logger.info("action", extra={**told, "target": readable(action.target)})


@lru_cache(maxsize=1)
def _router() -> Router:
    configuration = Configuration.read()
    return Router(configuration, Aws(configuration.region))


def handler(event: dict[str, Any], context: Any) -> Any:
    """What Lambda calls."""
    return _router().handle(event, context)
