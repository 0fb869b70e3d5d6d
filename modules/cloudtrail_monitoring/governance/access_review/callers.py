"""Whose rights are reviewed: root, the roles of the settings and of the system, AWS's services, strangers.

What the identity policies of a role outside the system allow can't be known from the output alone. Such a caller is
taken for one that its own policies let do everything, so that what is refused is refused by the system's policies.
"""

import fnmatch
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cloudtrail_monitoring.governance.access_review import intents as part
from cloudtrail_monitoring.governance.access_review.parts import System, named_roles
from cloudtrail_monitoring.governance.policy_context import ContextValues
from cloudtrail_monitoring.governance.policy_evaluator import Document, Principal
from cloudtrail_monitoring.location import role_arns
from cloudtrail_monitoring.responders.names import FUNCTIONS, ResponderNames
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.trail.settings import log_delivery_role_name

EVERYTHING: Document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
ADMINISTRATOR = "any administrator"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody, or a service, that could ask something of AWS.

    Attributes:
        name: in the report.
        groups: what it is to the settings, as ``intents`` names it; none: nothing.
        policies: its identity policies, its groups' included, by name.
        boundary: its permission boundary.
        known: whether these policies are its real ones; else it is taken for an administrator.
        answers: whether somebody can be asked to change its rights; not so with service-linked roles.
        context: context keys that are the caller's own.
        sources: the ARNs for which a service asks.
        unjudged: policies that can't be judged, with the reason, by name; they count for nothing.
        facts: what a reviewer wants to know, by name: last used, keys, who may assume it.
    """

    name: str
    principal: Principal
    groups: frozenset[str] = frozenset()
    policies: Mapping[str, Document] = field(default_factory=dict)
    boundary: Document | None = None
    known: bool = True
    answers: bool = True
    context: ContextValues = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    unjudged: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


def callers_of_output(settings: MonitoringSettings, system: System) -> list[Caller]:
    """Everybody that can be known from the synthesised output."""
    return [*_people(settings, system), *_own_roles(settings, system), *outsiders(settings, system)]


def outsiders(settings: MonitoringSettings, system: System) -> list[Caller]:
    """Root, AWS's services, and who has no business here at all."""
    elsewhere = "000000000000" if settings.account_id != "000000000000" else "000000000001"
    stranger = Principal.role(f"arn:{settings.location.partition}:iam::{elsewhere}:role/administrator")
    return [
        Caller("root", Principal.root(settings.account_id, partition=settings.location.partition), known=False),
        *_services(settings, system),
        Caller("an administrator of another account", stranger, policies={"everything": EVERYTHING}),
        Caller("nobody in particular", Principal.anonymous()),
    ]


def groups_of(settings: MonitoringSettings, role_arn: str) -> frozenset[str]:
    """What a role of the account is to the settings: one they name, or one that the system makes."""
    groups = {
        group
        for group, names in named_roles(settings).items()
        for pattern in role_arns(settings.location, names)
        # only "*" is special in these names, and only at the end
        if fnmatch.fnmatchcase(role_arn, pattern.replace("[", "[[]"))
    }
    own = _own_role_groups(settings)
    return frozenset(groups | ({own[role_arn]} if role_arn in own else set()))


def _people(settings: MonitoringSettings, system: System) -> Iterator[Caller]:
    """Roles that the settings name and the system does not make."""
    names = dict.fromkeys(name for given in named_roles(settings).values() for name in given)
    for name in names:
        arn = settings.location.iam_arn(f"role/{name}".replace("*", "review"))
        if arn in system.roles:
            continue
        yield Caller(
            name,
            Principal.role(arn),
            groups_of(settings, arn),
            policies={"everything": EVERYTHING},
            known=False,
        )
    administrator = settings.location.iam_arn("role/administrator")
    yield Caller(ADMINISTRATOR, Principal.role(administrator), policies={"everything": EVERYTHING}, known=False)


def _own_roles(settings: MonitoringSettings, system: System) -> Iterator[Caller]:
    for arn, role in sorted(system.roles.items()):
        yield Caller(
            role.name,
            Principal.role(arn),
            groups_of(settings, arn),
            policies=role.policies,
            boundary=role.boundary,
        )


def _own_role_groups(settings: MonitoringSettings) -> dict[str, str]:
    names = ResponderNames(settings.location, settings.name_prefix)
    return {
        **{names.role_arn(function): function for function in FUNCTIONS},
        names.scheduler_role_arn: part.SCHEDULER,
        settings.location.iam_arn(f"role/{log_delivery_role_name(settings.trail.name)}"): part.LOG_DELIVERY,
    }


def _services(settings: MonitoringSettings, system: System) -> Iterator[Caller]:
    location = settings.location
    log_group = tuple(f"{arn}:*" for arn in system.arns(part.TRAIL_LOGS))
    buckets = system.arns(part.ARCHIVE, part.EVIDENCE, part.RESULTS, part.STATE)
    for group, name, sources in (
        (part.CLOUDTRAIL, "cloudtrail.amazonaws.com", system.arns(part.TRAIL, part.ENHANCED_TRAIL)),
        (part.S3_LOGGING, "logging.s3.amazonaws.com", buckets),
        (part.CLOUDWATCH, "cloudwatch.amazonaws.com", system.arns(part.ALARMS)[:1]),
        (part.EVENTS, "events.amazonaws.com", system.arns(part.RULES)),
        (part.BUDGETS, "budgets.amazonaws.com", system.arns(part.BUDGET)),
        (part.LOGS, f"logs.{location.region}.{location.dns_suffix}", log_group),
        (part.SUBSCRIPTIONS, "logs.amazonaws.com", log_group),
    ):
        yield Caller(name, Principal.service(name), frozenset({group}), sources=sources)
