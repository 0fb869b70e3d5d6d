"""What alerts cost in any month: SNS by the messages and by who is subscribed."""

from collections.abc import Iterator

from cloudtrail_monitoring.governance.cost.usage import DAYS_A_MONTH, Part, Usage
from cloudtrail_monitoring.governance.cost.volumes import EventVolumes
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources


def alert_usage(document: Document, volumes: EventVolumes) -> Iterator[Usage]:
    """SNS's charges: each message goes to each subscription of its kind."""
    messages = {
        "email": ("e-mails", "sns-email", volumes.emails_a_day),
        "sms": ("SMS", "sns-sms", volumes.sms_a_day),
    }
    for attributes in resources(document, "aws_sns_topic_subscription").values():
        if attributes.get("protocol") in messages:
            item, price, a_day = messages[attributes["protocol"]]
            yield Usage(Part.ALERTS, item, price, a_day * DAYS_A_MONTH)
