"""One encrypted SNS topic a channel, with its subscriptions; CloudWatch and EventBridge publish to them."""

import hashlib
from collections.abc import Mapping, Sequence

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_policy import SnsTopicPolicy
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription
from constructs import Construct

from cloudtrail_monitoring.alerting.publishers import BUDGETS, PUBLISHERS, key_statements, topic_statements
from cloudtrail_monitoring.alerting.settings import AlertingSettings, Channel
from cloudtrail_monitoring.location import Location
from cloudtrail_monitoring.policy_document import document
from cloudtrail_monitoring.trail.trail_key import DELETION_WINDOW_DAYS, administration


class AlertTopics(Construct):
    """The topics; ``arns`` gives each channel's.

    Args:
        prefix: begins the names of topics, and of the alarms and rules that may publish to them.
        existing_topic_arns: topics to use for some channels instead of making them; their policies and subscriptions
            are their owner's.
        existing_key_arn: KMS key to encrypt with; its policy must let the publishers use it.
        publisher_role_arns: roles of the account that publish beside the services, such as the responders'.
        budget_publishes: whether a budget tells through the e-mail topic, too.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        settings: AlertingSettings,
        *,
        location: Location,
        prefix: str,
        existing_topic_arns: Mapping[Channel, str] | None = None,
        existing_key_arn: str | None = None,
        publisher_role_arns: Sequence[str] = (),
        budget_publishes: bool = False,
    ) -> None:
        super().__init__(scope, id_)
        publishers = (*PUBLISHERS, BUDGETS) if budget_publishes else PUBLISHERS
        existing = dict(existing_topic_arns or {})
        made = {channel: f"{prefix}-{channel.value}" for channel in Channel if channel not in existing}
        own_arns = {channel: location.arn("sns", name) for channel, name in made.items()}
        self.key: KmsKey | None = None
        if made and existing_key_arn is None:
            self.key = KmsKey(
                self,
                "key",
                description=f"Alerts of {prefix}",
                enable_key_rotation=True,
                deletion_window_in_days=DELETION_WINDOW_DAYS,
                policy=document(
                    administration(location),
                    *key_statements(location, prefix, own_arns, role_arns=publisher_role_arns, publishers=publishers),
                ),
            )
            self.alias = KmsAlias(self, "alias", name=f"alias/{prefix}-alerts", target_key_id=self.key.key_id)
        key_arn = self.key.arn if self.key else existing_key_arn
        self.topics: dict[Channel, SnsTopic] = {}
        self.policies: dict[Channel, SnsTopicPolicy] = {}
        for channel, name in made.items():
            topic = SnsTopic(self, channel.value, name=name, kms_master_key_id=key_arn)
            self.policies[channel] = SnsTopicPolicy(
                self,
                f"{channel.value}-policy",
                arn=topic.arn,
                policy=document(*topic_statements(location, prefix, channel, own_arns[channel], publishers=publishers)),
            )
            self.topics[channel] = topic
        self.arns: dict[Channel, str] = {**{channel: topic.arn for channel, topic in self.topics.items()}, **existing}
        self.exact_arns: dict[Channel, str] = {**own_arns, **existing}
        """The same without references, for policies, which a plan then shows whole."""
        self.subscriptions = [
            SnsTopicSubscription(
                self,
                f"{channel.value}-{_digest(endpoint)}",
                topic_arn=topic.arn,
                protocol=channel.value,
                endpoint=endpoint,
            )
            for channel, topic in self.topics.items()
            for endpoint in settings.contacts.of(channel)
        ]
        self._warn_of_example_addresses()

    def _warn_of_example_addresses(self) -> None:
        """A Terraform check: every plan warns while alerts go to addresses and numbers reserved for examples."""
        endpoints = ", ".join(f"{subscription.fqn}.endpoint" for subscription in self.subscriptions)
        if endpoints:
            TerraformStack.of(self).add_override(
                f"check.{self.node.id}_reach_somebody.assert",
                [
                    {
                        "condition": f'${{alltrue([for one in [{endpoints}] : !can(regex("{_EXAMPLES}", one))])}}',
                        "error_message": "Alerts go to example addresses or numbers, and nobody will receive them: put"
                        " yours into environments/contacts.toml.",
                    }
                ],
            )


# RFC 2606's domains, and the American numbers kept for fiction
_EXAMPLES = r"@example\\.(com|net|org)$|^\\+1[0-9]{3}55501[0-9]{2}$"


def _digest(endpoint: str) -> str:
    """Tells subscriptions apart without their place in a list and without the address in the plan's resource names."""
    return hashlib.sha256(endpoint.encode()).hexdigest()[:8]
