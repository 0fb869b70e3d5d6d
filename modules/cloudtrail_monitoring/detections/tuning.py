"""What one environment changes about detections: off, another level, threshold or period, and who or what to leave out.

The published text of a CIS control is never changed (R-EVT-12): any tuning makes a twin beside it, ``<id>-tuned``. The
exact filter keeps its alarm, threshold and e-mail, which auditors want to see; telephones and the fast path are the
twin's alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv6Network, ip_network
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from cloudtrail_monitoring.detections.detection import TWIN_ENDING, Detection, DetectionId, Level
from cloudtrail_monitoring.validation import AccountId, Settings, SettingsError, fault, matching

_NAME = r"[\w+=,.@/-]{1,500}\*?"
PrincipalArn = Annotated[
    str,
    matching(
        rf"arn:[a-z-]+:(iam::\d{{12}}:user|sts::\d{{12}}:(assumed-role|federated-user))/{_NAME}",
        "the ARN of a user (arn:<partition>:iam::<account>:user/<name>) or of sessions"
        " (arn:<partition>:sts::<account>:assumed-role/<role>/*), with * at its end at most,",
    ),
]
RoleArn = Annotated[
    str,
    matching(
        rf"arn:[a-z-]+:iam::\d{{12}}:role/{_NAME}",
        "the ARN of a role (arn:<partition>:iam::<account>:role/<name>), with * at its end at most,",
    ),
]
MAX_NETWORK_PARTS = 16


def _network(value: str) -> str:
    try:
        parts = network_patterns(value)
    except ValueError as error:
        raise fault(
            "an address or network such as 203.0.113.7 or 203.0.113.0/24 is needed: {why}", why=str(error)
        ) from None
    if len(parts) > MAX_NETWORK_PARTS:
        raise fault(
            "{network} takes {count} conditions, and {most} are the most: name the networks you own",
            network=value,
            count=len(parts),
            most=MAX_NETWORK_PARTS,
        )
    return value


SourceNetwork = Annotated[str, AfterValidator(_network)]
Reason = Annotated[str, matching(r"\S.{18,398}\S", "a reason of 20 to 400 characters")]


def network_patterns(network: str) -> list[str]:
    """The texts that a network's addresses fit: a filter compares text, so one for each whole part of four numbers.

    >>> network_patterns("198.51.100.0/23")
    ['198.51.100.*', '198.51.101.*']

    Raises:
        ValueError: if it is no address or network, wider than /8, or of several IPv6 addresses, whose text varies.
    """
    parsed = ip_network(network)
    if isinstance(parsed, IPv6Network):
        if parsed.num_addresses > 1:
            raise ValueError("of IPv6 only single addresses, as a network's are written in many ways")
        return [str(parsed.network_address)]
    if parsed.prefixlen < 8:
        raise ValueError("nothing wider than /8")
    whole = -(-parsed.prefixlen // 8)
    first = int(parsed.network_address) >> (32 - 8 * whole)
    numbers = (first + part for part in range(2 ** (8 * whole - parsed.prefixlen)))
    ending = ".*" if whole < 4 else ""
    return [".".join(str(number >> 8 * place & 255) for place in reversed(range(whole))) + ending for number in numbers]


class Exclusions(Settings):
    """Records that a detection leaves out. A record that lacks the field in question is never left out."""

    principal_arns: tuple[PrincipalArn, ...] = ()
    """``userIdentity.arn``: a user, or a role's sessions: ``arn:…:sts::<account>:assumed-role/<role>/*``."""
    role_arns: tuple[RoleArn, ...] = ()
    """Automation: ``userIdentity.sessionContext.sessionIssuer.arn``, the role behind a session."""
    source_networks: tuple[SourceNetwork, ...] = ()
    """``sourceIPAddress``: ``203.0.113.7``, ``203.0.113.0/24``, or one IPv6 address as CloudTrail writes it."""
    account_ids: tuple[AccountId, ...] = ()
    """``userIdentity.accountId``: the trusted accounts of R-EVT-8."""

    def clauses(self) -> Iterator[str]:
        """The conditions that a pattern gets, one for each field."""
        for selector, values in (
            ("$.userIdentity.arn", self.principal_arns),
            ("$.userIdentity.sessionContext.sessionIssuer.arn", self.role_arns),
            ("$.sourceIPAddress", [part for one in self.source_networks for part in network_patterns(one)]),
            ("$.userIdentity.accountId", self.account_ids),
        ):
            if values:
                others = " && ".join(f'({selector} != "{value}")' for value in values)
                # a missing field satisfies no comparison, and the record would be lost
                yield f"(({selector} NOT EXISTS) || ({others}))"


class Tuning(Settings):
    """What differs for one detection; what is left out stays as the detection has it.

    >>> Tuning(level=Level.LOW, exclusions=Exclusions(source_networks=("203.0.113.0/24",))).level.value
    'Low'
    """

    level: Level | None = None
    threshold: int | None = Field(None, ge=0)
    """The alarm fires when more events than this fall into one period; ``None``: as the detection says."""
    period_seconds: int | None = Field(None, ge=60, le=86_400, multiple_of=60)
    """Seconds over which events are counted; ``None``: as the detection says."""
    exclusions: Exclusions = Exclusions()
    """Whose calls are left out of the count."""


def tuned(
    detections: Sequence[Detection], disabled: Mapping[DetectionId, str], tunings: Mapping[DetectionId, Tuning]
) -> tuple[Detection, ...]:
    """The detections of an environment, in their order.

    Raises:
        SettingsError: if an id is unknown, disabled and tuned at once, or a pattern grows beyond what AWS takes.
    """
    ids = [detection.id for detection in detections]
    for field, given in (("disabled_detections", disabled), ("tuned_detections", tunings)):
        for id_ in given:
            if id_ not in ids:
                raise SettingsError(
                    f"{field}: there is no detection {id_!r}; `cloudtrail-monitoring detections` lists them"
                )
    if both := sorted(disabled.keys() & tunings.keys()):
        raise SettingsError(f"tuned_detections: {both[0]} is disabled, too: do one or the other")
    return tuple(
        changed
        for detection in detections
        if detection.id not in disabled
        for changed in _changed(detection, tunings.get(detection.id, Tuning()))
    )


def _changed(detection: Detection, tuning: Tuning) -> tuple[Detection, ...]:
    wanted = {name: getattr(tuning, name) for name in ("level", "threshold", "period_seconds")}
    changes: dict[str, object] = {name: value for name, value in wanted.items() if value is not None}
    if clauses := list(tuning.exclusions.clauses()):
        body = detection.pattern.strip()[1:-1].strip()
        changes["pattern"] = f"{{ ({body}) && {' && '.join(clauses)} }}"
    if not changes:
        return (detection,)
    if detection.is_published:
        changes |= {"id": f"{detection.id}{TWIN_ENDING}", "is_published": False}
    try:
        changed = Detection(**{**dict(detection), **changes})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        why = first["msg"]
        if "pattern" not in first["loc"]:
            raise SettingsError(f"tuned_detections.{detection.id}: {why}") from None
        raise SettingsError(
            f"tuned_detections.{detection.id}: the pattern with its exclusions is refused ({why}):"
            " fewer exclusions, or shorter ones with * at the end"
        ) from None
    return (_quietened(detection), changed) if detection.is_published else (changed,)


def _quietened(detection: Detection) -> Detection:
    """A published control beside its twin: told by e-mail for the auditor's sake, and called or rushed to nobody."""
    return detection if detection.level is not Level.HIGH else Detection(**{**dict(detection), "level": Level.MEDIUM})
