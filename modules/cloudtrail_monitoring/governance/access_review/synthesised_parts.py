"""Finds the parts of a system in its synthesised output.

Found by type, so that a resource that is added is reviewed without a word here; one that belongs to no part is named
(``System.unreviewed``), so that nothing is left out in silence.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cloudtrail_monitoring.governance.access_review import intents as part
from cloudtrail_monitoring.governance.access_review.parts import OwnRole, Resource, System, named_roles
from cloudtrail_monitoring.governance.access_review.rights import Kind
from cloudtrail_monitoring.location import Location, role_arns
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.simulation.synthesised_output import Document, resources
from cloudtrail_monitoring.trail.settings import enhanced_trail_name

CONFIGURATION_TYPES = frozenset(
    {
        "aws_athena_named_query",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_log_metric_filter",
        "aws_cloudwatch_log_subscription_filter",
        "aws_glue_catalog_database",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_kms_alias",
        "aws_lambda_layer_version",
        "aws_lambda_permission",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_object_lock_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_scheduler_schedule_group",
        "aws_sns_topic_policy",
        "aws_sns_topic_subscription",
        "aws_sqs_queue_policy",
    }
)
"""Resources that configure another one: who may change that one may change these."""

OPEN_TYPES = frozenset({"aws_cloudwatch_query_definition"})
"""Resources that IAM knows by no ARN, and that neither record nor tell anything: anybody's."""

_REFERENCE = re.compile(r"\$\{(?P<address>aws_\w+\.[\w-]+)\.")
Attributes = Mapping[str, Any]


def read_system(settings: MonitoringSettings, documents: Sequence[Document]) -> System:
    """The system of an environment, from its stack and that of its state bucket.

    Args:
        documents: synthesised stacks.
    """
    found: dict[str, list[Resource]] = {name: [] for name in part.intents(settings)}
    roles: dict[str, OwnRole] = {}
    unreviewed: list[str] = []
    for document in documents:
        reader = _Reader(settings, document)
        for name, resource in reader.resources():
            if name in found:
                found[name].append(resource)
            elif not name:
                unreviewed.append(f"{resource.kind.value} {resource.name}")
        roles |= reader.roles()
        unreviewed += reader.unreviewed()
    found[part.NAMED_ROLES] = [
        Resource(Kind.ROLE, name, arn.replace("*", "review"), settings.home_region)
        for names in named_roles(settings).values()
        for name, arn in zip(names, role_arns(settings.location, names), strict=True)
    ]
    parts = {name: tuple(sorted(ones, key=lambda one: one.name)) for name, ones in found.items() if ones}
    boundaries = {one.arn: one.policy for ones in parts.values() for one in ones if one.kind is Kind.POLICY}
    bounded = {arn: replace(one, boundary=boundaries.get(one.boundary_arn or "")) for arn, one in roles.items()}
    return System(parts, bounded, tuple(sorted(unreviewed)))


_ARNS: Mapping[Kind, Callable[[Location, str, Attributes], str]] = {
    Kind.TRAIL: lambda at, name, _: at.arn("cloudtrail", f"trail/{name}"),
    Kind.BUCKET: lambda at, name, _: at.bucket_arn(name),
    Kind.KEY: lambda at, name, _: at.arn("kms", f"key/{_stand_in(name)}"),
    Kind.LOG_GROUP: lambda at, name, _: at.arn("logs", f"log-group:{name}"),
    Kind.ALARM: lambda at, name, _: at.arn("cloudwatch", f"alarm:{name}"),
    Kind.DASHBOARD: lambda at, name, _: at.dashboard_arn(name),
    Kind.COMPOSITE_ALARM: lambda at, name, _: at.arn("cloudwatch", f"alarm:{name}"),
    Kind.BUDGET: lambda at, name, _: at.budgets_arn(f"budget/{name}"),
    Kind.TOPIC: lambda at, name, _: at.arn("sns", name),
    Kind.RULE: lambda at, name, _: at.arn("events", f"rule/{name}"),
    Kind.QUEUE: lambda at, name, _: at.arn("sqs", name),
    Kind.FUNCTION: lambda at, name, _: at.arn("lambda", f"function:{name}"),
    Kind.TRIGGER: lambda at, name, _: at.arn("lambda", f"event-source-mapping:{_stand_in(name)}"),
    Kind.TABLE: lambda at, name, _: at.arn("dynamodb", f"table/{name}"),
    Kind.WORKGROUP: lambda at, name, _: at.arn("athena", f"workgroup/{name}"),
    Kind.CATALOG_TABLE: lambda at, name, _: at.arn("glue", f"table/{name}"),
    Kind.PARAMETER: lambda at, name, _: at.arn("ssm", f"parameter{name}"),
    Kind.SCHEDULE: lambda at, name, _: at.arn("scheduler", f"schedule/{name}"),
    Kind.ROLE: lambda at, name, given: at.iam_arn(f"role{given.get('path', '/')}{name}"),
    Kind.POLICY: lambda at, name, given: at.iam_arn(f"policy{given.get('path', '/')}{name}"),
    Kind.IDENTITY_PROVIDER: lambda at, name, _: at.iam_arn(f"oidc-provider/{name}"),
}
_ELSEWHERE = "elsewhere"
_NAMES = ("name", "bucket", "alarm_name", "function_name", "dashboard_name")
_PARTS: Mapping[Kind, str] = {
    Kind.ALARM: part.ALARMS,
    Kind.COMPOSITE_ALARM: part.ALARMS,
    Kind.DASHBOARD: part.DASHBOARD,
    Kind.BUDGET: part.BUDGET,
    Kind.TOPIC: part.TOPICS,
    Kind.RULE: part.RULES,
    Kind.FUNCTION: part.FUNCTIONS,
    Kind.TRIGGER: part.TRIGGERS,
    Kind.TABLE: part.TABLES,
    Kind.WORKGROUP: part.SEARCH,
    Kind.CATALOG_TABLE: part.SEARCH,
    Kind.PARAMETER: part.SWITCH,
    Kind.SCHEDULE: part.SCHEDULES,
    Kind.ROLE: part.OWN_ROLES,
    Kind.POLICY: part.DELIVERY,
    Kind.IDENTITY_PROVIDER: part.DELIVERY,
}


class _Reader:
    """One synthesised stack."""

    def __init__(self, settings: MonitoringSettings, document: Document) -> None:
        self._settings = settings
        self._document = document
        providers = document.get("provider", {}).get("aws", [])
        self._regions = {f"aws.{one['alias']}": one["region"] for one in providers if "alias" in one}
        self._aliases = {
            _address(block["target_key_id"]): block["name"] for block in resources(document, "aws_kms_alias").values()
        }
        self._policies = {
            _address(block[owner]): block["policy"]
            for type_, owner in (
                ("aws_s3_bucket_policy", "bucket"),
                ("aws_sns_topic_policy", "arn"),
                ("aws_sqs_queue_policy", "queue_url"),
            )
            for block in resources(document, type_).values()
        }

    def resources(self) -> Iterator[tuple[str, Resource]]:
        """Each with the name of its part."""
        for kind in Kind:
            for id_, block in resources(self._document, kind.value).items():
                resource = self._resource(kind, id_, block)
                yield self._part(resource), resource

    def roles(self) -> dict[str, OwnRole]:
        """The roles that this stack makes, by ARN, without their boundaries' documents."""
        managed = resources(self._document, Kind.POLICY.value)
        policies: dict[str, dict[str, str]] = {}
        for block in resources(self._document, "aws_iam_role_policy").values():
            policies.setdefault(_address(block["role"]), {})[block["name"]] = block["policy"]
        for block in resources(self._document, "aws_iam_role_policy_attachment").values():
            attached = managed[_address(block["policy_arn"]).partition(".")[2]]
            policies.setdefault(_address(block["role"]), {})[attached["name"]] = attached["policy"]
        found = {}
        for id_, block in resources(self._document, Kind.ROLE.value).items():
            address = f"{Kind.ROLE.value}.{id_}"
            found[self._arn(Kind.ROLE, address, block)] = OwnRole(
                block["name"],
                block["assume_role_policy"],
                policies.get(address, {}),
                self._resolved(block.get("permissions_boundary")),
            )
        return found

    def unreviewed(self) -> Iterator[str]:
        known = {*Kind, *CONFIGURATION_TYPES, *OPEN_TYPES}
        for type_ in self._document.get("resource", {}):
            if type_ not in known:
                yield from (f"{type_} {name}" for name in resources(self._document, type_))

    def _resource(self, kind: Kind, id_: str, block: Attributes) -> Resource:
        address = f"{kind.value}.{id_}"
        name = self._name(kind, address, block)
        return Resource(
            kind,
            name,
            self._arn(kind, address, block),
            self._regions.get(block.get("provider", ""), self._settings.home_region),
            inside=self._inside(kind, name),
            policy=self._policy(kind, address, block),
            handle=self._aliases.get(address, ""),
        )

    def _name(self, kind: Kind, address: str, block: Attributes) -> str:
        if kind is Kind.KEY:
            return str(self._aliases.get(address, address))
        if kind is Kind.TRIGGER:
            return address.partition(".")[2]
        if kind is Kind.IDENTITY_PROVIDER:
            return str(block["url"]).removeprefix("https://")
        name = next(str(block[one]) for one in _NAMES if one in block)
        if kind is Kind.SCHEDULE:
            return f"{self._resolved(block.get('group_name', 'default'))}/{name}"
        if kind is Kind.CATALOG_TABLE:
            return f"{self._resolved(block['database_name'])}/{name}"
        return name

    def _arn(self, kind: Kind, address: str, block: Attributes) -> str:
        region = self._regions.get(block.get("provider", ""), self._settings.home_region)
        return _ARNS[kind](self._settings.location.in_region(region), self._name(kind, address, block), block)

    def _policy(self, kind: Kind, address: str, block: Attributes) -> str | None:
        if kind is Kind.FUNCTION:
            return self._invocation_policy(address, block)
        own = block.get("assume_role_policy" if kind is Kind.ROLE else "policy")
        return self._policies.get(address, own)

    def _invocation_policy(self, address: str, block: Attributes) -> str | None:
        """What Lambda makes of permissions.

        https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
        """
        statements = []
        for given in resources(self._document, "aws_lambda_permission").values():
            if _address(given["function_name"]) == address:
                conditions = {
                    "StringEquals": {"AWS:SourceAccount": given.get("source_account")},
                    "ArnLike": {"AWS:SourceArn": self._resolved(given.get("source_arn"))},
                }
                statements.append(
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": given["principal"]},
                        "Action": given["action"],
                        "Resource": self._arn(Kind.FUNCTION, address, block),
                        "Condition": {name: held for name, held in conditions.items() if all(held.values())},
                    }
                )
        return json.dumps({"Version": "2012-10-17", "Statement": statements}) if statements else None

    def _resolved(self, value: Any) -> Any:
        """The name or ARN that a reference to another resource stands for; other values as they are."""
        if not isinstance(value, str) or not (address := _address(value, none="")):
            return value
        type_, _, id_ = address.partition(".")
        block = resources(self._document, type_)[id_]
        if not value.endswith(".arn}"):
            return block["name"]
        return self._arn(Kind(type_), address, block)

    def _part(self, resource: Resource) -> str:
        settings, name = self._settings, resource.name
        evidence, search = settings.evidence, settings.search
        by_name = {
            Kind.BUCKET: {
                settings.archive.bucket_name: part.ARCHIVE,
                settings.archive.access_log_bucket_name: part.ARCHIVE_ACCESS_LOGS,
                settings.state.bucket_name: part.STATE,
                settings.state.access_log_bucket_name: part.STATE_ACCESS_LOGS,
                **({search.results_bucket_name: part.RESULTS} if search else {}),
                **({search.results_access_log_bucket_name: part.RESULTS_ACCESS_LOGS} if search else {}),
                **({evidence.bucket_name: part.EVIDENCE} if evidence else {}),
                **({evidence.access_log_bucket_name: part.EVIDENCE_ACCESS_LOGS} if evidence else {}),
            },
            Kind.TRAIL: {
                settings.trail.name: part.TRAIL,
                enhanced_trail_name(settings.trail.name): part.ENHANCED_TRAIL,
            },
            Kind.KEY: {
                f"alias/{settings.name_prefix}-trail": part.TRAIL_KEY,
                f"alias/{settings.name_prefix}-alerts": part.TOPICS_KEY,
                f"alias/{settings.name_prefix}-responders": part.RESPONDERS_KEY,
            },
            # those are reviewed in any case, whoever makes them
            Kind.ROLE: dict.fromkeys((name for names in named_roles(settings).values() for name in names), _ELSEWHERE),
            Kind.POLICY: {f"{settings.name_prefix}-guard-rail": part.GUARD_RAIL},
            Kind.LOG_GROUP: {settings.trail.log_group_name: part.TRAIL_LOGS},
            Kind.QUEUE: {f"{settings.name_prefix}-events": part.EVENTS_QUEUE},
        }
        rest = {Kind.LOG_GROUP: part.OTHER_LOGS, Kind.QUEUE: part.DEAD_LETTERS, **_PARTS}
        return by_name.get(resource.kind, {}).get(name, rest.get(resource.kind, ""))

    def _inside(self, kind: Kind, name: str) -> str:
        settings = self._settings
        account, region = settings.account_id, settings.home_region
        if kind is Kind.LOG_GROUP:
            return f":log-stream:{account}_CloudTrail_{region}"
        if kind is not Kind.BUCKET:
            return ""
        return {
            settings.archive.bucket_name: f"/AWSLogs/{account}/CloudTrail/{region}/2026/01/01/a.json.gz",
            settings.state.bucket_name: f"/{settings.environment}/terraform.tfstate",
        }.get(name, "/evidence/a")


def _address(value: str, none: str | None = None) -> str:
    found = _REFERENCE.match(value)
    return found["address"] if found else value if none is None else none


def _stand_in(name: str) -> str:
    """In place of an id that AWS gives."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))
