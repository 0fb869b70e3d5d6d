"""The account that the shell's credentials lead to: whether it is the environment's, and AWS's faults told in a line.

Every command that asks AWS for something begins with ``caller_of``: the names in two environments are the same, and
only the account tells them apart. Terraform refuses another account as well (``allowed_account_ids`` of backend and
provider), but names only the one that it was given; this says which one is wanted.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import readable
from cloudtrail_monitoring.settings import MonitoringSettings

MOST_CHARACTERS = 600
"""Of what AWS says: a refusal may carry a whole policy, encoded."""

_LOG_IN = "log in (aws sso login), or set AWS_PROFILE"
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"})
_LACKING = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"})
_ABSENT = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchBucket",
        "NotFound",
        "NotFoundException",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)


class AccountError(ValueError):
    """The account can't be asked, or is not the environment's; ``str()`` is one line that says what to do."""


class RequestError(AccountError):
    """AWS refused this one request; another may go well."""


class AbsentError(RequestError):
    """AWS does not know what was asked for."""


def caller_of(settings: MonitoringSettings, aws: Aws) -> str:
    """Who asks, as an ARN, once the account is known to be the environment's (R-DEL-1).

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html (needs no permission)

    Raises:
        AccountError: there are no usable credentials, or they are of another account.
    """
    with told_in_a_line():
        identity = aws.client("sts").get_caller_identity()
    if identity["Account"] != settings.account_id:
        raise AccountError(
            f"these credentials are of account {identity['Account']}, and {settings.environment} is account"
            f" {settings.account_id}: choose a profile of that account (AWS_PROFILE), or another --environment"
        )
    return str(identity["Arn"])


@contextmanager
def told_in_a_line(*, absent: str = "is the environment deployed?") -> Iterator[None]:
    """Faults of AWS, and of the way there, as one line: what was asked, what AWS says to it, and what to do.

    Args:
        absent: what to do where AWS does not know what was asked for.

    Raises:
        AbsentError: AWS does not know what was asked for.
        RequestError: AWS refuses the request, for another reason or for lack of a permission.
        AccountError: AWS can't be asked at all.

    Example:
        >>> with told_in_a_line():  # doctest: +SKIP
        ...     aws.client("athena").get_work_group(WorkGroup=name)
    """
    from botocore import exceptions as faults

    try:
        yield
    except (
        faults.NoCredentialsError,
        faults.PartialCredentialsError,
        faults.CredentialRetrievalError,
        faults.ProfileNotFound,
        faults.SSOError,
        faults.TokenRetrievalError,
    ) as error:
        raise AccountError(f"no usable AWS credentials ({_one_line(error)}): {_LOG_IN}") from None
    except faults.ClientError as error:
        told = error.response.get("Error", {})
        code = told.get("Code", "")
        what = _one_line(f"{error.operation_name}: {code}: {told.get('Message') or 'AWS says no more'}")
        if code in _EXPIRED:
            raise AccountError(f"AWS takes these credentials no longer ({code}): {_LOG_IN}") from None
        if code in _LACKING:
            raise RequestError(f"these credentials lack a right: {what}") from None
        if code in _ABSENT:
            raise AbsentError(f"{what}: {absent}") from None
        raise RequestError(what) from None
    except faults.BotoCoreError as error:
        raise AccountError(f"AWS could not be asked: {_one_line(error)}") from None


def _one_line(what: object) -> str:
    return readable(" ".join(str(what).split()), most=MOST_CHARACTERS)
