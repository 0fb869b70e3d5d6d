"""What one environment changes about detections: off, another level, threshold or period, and who or what to leave out.

The published text of a CIS control is never changed (R-EVT-12): exclusions make a twin beside it, ``<id>-tuned``, which
takes the new level and threshold while the exact filter and its alarm stay as they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field, ValidationError

from cloudtrail_monitoring.detections.detection import Detection, DetectionId, Level
from cloudtrail_monitoring.validation import AccountId, Settings, SettingsError, matching

CIS = "R-EVT-12"

_ARN = r"arn:[a-z-]+:(iam|sts)::\d{12}:(user|role|assumed-role|federated-user)/[\w+=,.@/-]{1,500}\*?"
PrincipalArn = Annotated[str, matching(_ARN, "the ARN of a user, role or session, with * at its end at most,")]
_ADDRESS = r"((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)|((25[0-5]|2[0-4]\d|1?\d?\d)\.){1,3}\*"
SourceAddress = Annotated[str, matching(_ADDRESS, "an IPv4 address, or its first one to three numbers and .*,")]
Reason = Annotated[str, matching(r"\S.{18,398}\S", "a reason of 20 to 400 characters")]


class Exclusions(Settings):
    """Records that a detection leaves out. A record that lacks the field in question is never left out."""

    principal_arns: tuple[PrincipalArn, ...] = ()
    """``userIdentity.arn``: a user, or a role's sessions: ``arn:…:sts::<account>:assumed-role/<role>/*``."""
    role_arns: tuple[PrincipalArn, ...] = ()
    """Automation: ``userIdentity.sessionContext.sessionIssuer.arn``, the role behind a session."""
    source_addresses: tuple[SourceAddress, ...] = ()
    """``sourceIPAddress``: ``203.0.113.7``, or a network as ``203.0.113.*``."""
    account_ids: tuple[AccountId, ...] = ()
    """``userIdentity.accountId``: the trusted accounts of R-EVT-8."""

    def clauses(self) -> Iterator[str]:
        """The conditions that a pattern gets, one for each field."""
        for selector, values in (
            ("$.userIdentity.arn", self.principal_arns),
            ("$.userIdentity.sessionContext.sessionIssuer.arn", self.role_arns),
            ("$.sourceIPAddress", self.source_addresses),
            ("$.userIdentity.accountId", self.account_ids),
        ):
            if values:
                others = " && ".join(f'({selector} != "{value}")' for value in values)
                # a missing field satisfies no comparison, and the record would be lost
                yield f"(({selector} NOT EXISTS) || ({others}))"


class Tuning(Settings):
    """What differs for one detection; what is left out stays as the detection has it.

    >>> Tuning(level=Level.LOW, exclusions=Exclusions(source_addresses=("203.0.113.*",))).level.value
    'Low'
    """

    level: Level | None = None
    threshold: int | None = Field(None, ge=0)
    period_seconds: int | None = Field(None, ge=60, le=86_400, multiple_of=60)
    exclusions: Exclusions = Exclusions()


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
    fields = {**dict(detection), **{name: value for name, value in wanted.items() if value is not None}}
    clauses = list(tuning.exclusions.clauses())
    if not clauses:
        return (Detection(**fields),)
    body = detection.pattern.strip()[1:-1].strip()
    fields["pattern"] = f"{{ ({body}) && {' && '.join(clauses)} }}"
    twin = CIS in (detection.requirement or "")
    if twin:
        fields["id"] = f"{detection.id}-tuned"
    try:
        changed = Detection(**fields)
    except ValidationError as error:
        why = error.errors(include_url=False)[0]["msg"]
        raise SettingsError(
            f"tuned_detections.{detection.id}: the pattern with its exclusions is refused ({why}):"
            " fewer exclusions, or shorter ones with * at the end"
        ) from None
    return (detection, changed) if twin else (changed,)
