"""What is ours, by its names: the resources that guard rails protect, and the roles that they spare.

Names only, so that a document stands whole before anything is deployed, and can be reviewed and handed on as it is.
"""

from collections.abc import Sequence
from typing import NamedTuple

from cloudtrail_monitoring.archive.search.cloudtrail_table import SearchNames
from cloudtrail_monitoring.location import Location, role_arns
from cloudtrail_monitoring.responders.names import CONSOLE_EVENTS_LOG_GROUP, IAM_EVENTS_LOG_GROUP, ResponderNames
from cloudtrail_monitoring.trail.settings import log_delivery_role_name


class ProtectedResources(NamedTuple):
    """One environment's system, as ``MonitoringSettings.protected_resources`` lists it."""

    location: Location
    prefix: str
    """Begins the names of alarms, rules, topics, queues, functions, tables, roles, policies and key aliases."""
    metric_namespace: str
    trail_name: str
    log_group_name: str
    bucket_names: Sequence[str]
    """Archive, evidence, results of searches and state, and the buckets of their access logs."""
    state_bucket_name: str
    deploy_role_name: str
    break_glass_role_names: Sequence[str]
    enhanced_trail_name: str | None = None
    responders: ResponderNames | None = None
    search: SearchNames | None = None
    plan_role_name: str | None = None
    """Who plans, where the delivery makes that role."""
    switch_role_names: Sequence[str] = ()
    """Who may turn responders off and on, beside deployment and break-glass: those who respond to incidents."""

    @property
    def deployment(self) -> list[str]:
        """The roles that may change everything."""
        return role_arns(self.location, (self.deploy_role_name, *self.break_glass_role_names))

    @property
    def own_roles(self) -> list[str]:
        """The roles that the system works with."""
        return role_arns(self.location, (f"{self.prefix}-*", log_delivery_role_name(self.trail_name)))

    @property
    def switch_roles(self) -> list[str]:
        return role_arns(self.location, tuple(self.switch_role_names))

    @property
    def roles(self) -> list[str]:
        """Every role that is spared: whoever changes one, or hands it to a service, would be spared as well."""
        plan = role_arns(self.location, (self.plan_role_name,)) if self.plan_role_name else []
        return [*self.own_roles, *self.deployment, *plan, *self.switch_roles]

    @property
    def buckets(self) -> list[str]:
        return [self.location.bucket_arn(name) for name in self.bucket_names]

    @property
    def log_groups(self) -> list[str]:
        """Each as the service authorization reference has it, and with ``:*``, as AWS's examples and streams have."""
        names = [self.log_group_name, f"{self.log_group_name}:*", f"/aws/lambda/{self.prefix}-*"]
        # one asterisk for both forms: a boundary has little room
        categories = [f"{name}*" for name in (IAM_EVENTS_LOG_GROUP, CONSOLE_EVENTS_LOG_GROUP) if self.responders]
        return [self.location.arn("logs", f"log-group:{name}") for name in (*names, *categories)]

    @property
    def trails(self) -> list[str]:
        names = [self.trail_name, *([self.enhanced_trail_name] if self.enhanced_trail_name else [])]
        return [self.location.arn("cloudtrail", f"trail/{name}") for name in names]

    def named(self, service: str, type_: str) -> str:
        """What bears our prefix; ``type_`` is what the resource begins with, such as ``alarm:``."""
        return self.location.arn(service, f"{type_}{self.prefix}-*")

    def named_everywhere(self, service: str, type_: str) -> str:
        """The same in every Region."""
        place = self.location
        return f"arn:{place.partition}:{service}:*:{place.account_id}:{type_}{self.prefix}-*"
