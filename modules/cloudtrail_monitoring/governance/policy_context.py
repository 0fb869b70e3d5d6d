"""The context keys AWS sets by itself, so that a test states only what is particular about its request.

Whatever the request states wins; an empty list takes a key away. Keys that AWS always sends but that can't be derived
(the clock, the Region of a global resource, when a session began) must be stated as soon as a policy looks at them.
Optional keys that the request leaves out (``aws:SourceIp``, ``aws:MultiFactorAuthPresent``, tags, ``s3:TlsVersion``, …)
are missing, as they would be for AWS.

Sources (AWS IAM User Guide), for each key the heading "Availability":
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, and the values for each kind
of caller: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from cloudtrail_monitoring.governance.policy_conditions import parse_date
from cloudtrail_monitoring.governance.policy_patterns import ARN_PARTS, RequestContext, RequestError
from cloudtrail_monitoring.governance.policy_principals import Principal, PrincipalType

ContextValues = Mapping[str, str | Sequence[str]]
"""Context keys as a request states them: one value, or a list for a key with several."""

_REGION, _ACCOUNT = 3, 4
_CURRENT, _EPOCH, _ISSUED = "aws:currenttime", "aws:epochtime", "aws:tokenissuetime"
_REQUESTED_REGION = "aws:requestedregion"


def build_context(
    principal: Principal, *, resource: str, resource_account: str | None, stated: ContextValues
) -> RequestContext:
    """The context of a request: what AWS sets, overridden by what the request states.

    Raises:
        RequestError: a value that is no string, one key in two spellings, or a time that is none.
    """
    given = _normalised(stated)
    entries = {
        "aws:securetransport": ("true",),
        **({"aws:resourceaccount": (resource_account,)} if resource_account else {}),
        **_of_principal(principal),
        **_of_arn(resource, _REGION, _REQUESTED_REGION),
        **_source_account(given),
        **_clock(given),
        **given,
    }
    always = {_CURRENT, _EPOCH, _REQUESTED_REGION} | ({_ISSUED} if principal.type is PrincipalType.ROLE else set())
    return RequestContext(entries, frozenset(always - entries.keys()))


def _normalised(stated: ContextValues) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, value in stated.items():
        values = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Sequence) else (value,)
        if not all(isinstance(one, str) for one in values):
            raise RequestError(f"{key}: context values are strings (given: {value!r})")
        if key.lower() in found:
            raise RequestError(f"{key} is stated twice")
        found[key.lower()] = values
    return found


def _of_principal(principal: Principal) -> dict[str, tuple[str, ...]]:
    if principal.type is PrincipalType.ANONYMOUS:
        return {
            "aws:principalaccount": ("anonymous",),
            "aws:principaltype": (principal.type.value,),
            "aws:userid": ("anonymous",),
        }
    if principal.service_name:
        # AWS documents no account, ARN or type for a service that calls for itself.
        return {
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (principal.service_name,),
            "aws:principalservicenameslist": (principal.service_name,),
            "aws:viaawsservice": ("false",),
        }
    found = {
        "aws:principalarn": principal.arn,
        "aws:principalaccount": principal.account,
        "aws:principaltype": principal.type.value,
        "aws:principalisawsservice": "false",
        "aws:viaawsservice": "false",
        "aws:username": principal.user_name,
        "aws:userid": principal.account if principal.type is PrincipalType.ROOT else None,
    }
    return {key: (value,) for key, value in found.items() if value is not None}


def _of_arn(arn: str, part: int, key: str) -> dict[str, tuple[str, ...]]:
    parts = arn.split(":", ARN_PARTS - 1)
    return {key: (parts[part],)} if len(parts) == ARN_PARTS and parts[part] else {}


def _source_account(given: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    # The source's ARN carries its account, and a service that passes one passes both.
    sources = given.get("aws:sourcearn", ())
    return _of_arn(sources[0], _ACCOUNT, "aws:sourceaccount") if len(sources) == 1 else {}


def _clock(given: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    stated = given.get(_CURRENT) or given.get(_EPOCH)
    if not stated:
        return {}
    try:
        now = parse_date(stated[0]).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RequestError(f"a time is needed (given: {stated[0]!r})") from error
    return {_CURRENT: (_iso(now),), _EPOCH: (str(int(now.timestamp())),)}


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
