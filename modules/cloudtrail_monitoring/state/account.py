"""The environment's own account, and no other, before its state is looked at or anything is deployed.

Terraform refuses another account as well (``allowed_account_ids`` of backend and provider), but names only the one that
it was given; this says which one is wanted. Faults of AWS become one line that says what to do.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.simulation.printable_text import printable

_LOG_IN = "log in (aws sso login), or set AWS_PROFILE"
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException")
_REFUSED = ("AccessDenied", "AccessDeniedException")


class StateError(ValueError):
    """What keeps a command from doing its work; ``str()`` is one line that says what to do."""


def caller_of(settings: MonitoringSettings, aws: Aws) -> str:
    """Who asks, as an ARN, once the account is known to be the environment's (R-DEL-1).

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html (needs no permission)

    Raises:
        StateError: there are no usable credentials, or they are of another account.
    """
    with told_in_a_line():
        identity = aws.client("sts").get_caller_identity()
    if identity["Account"] != settings.account_id:
        raise StateError(
            f"these credentials are of account {identity['Account']}, and {settings.environment} is account"
            f" {settings.account_id}: choose a profile of that account (AWS_PROFILE), or another environment"
        )
    return str(identity["Arn"])


@contextmanager
def told_in_a_line() -> Iterator[None]:
    """Faults of AWS, and of the way there, as ``StateError``."""
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
        raise StateError(f"no usable AWS credentials ({_one_line(error)}): {_LOG_IN}") from None
    except faults.ClientError as error:
        raise StateError(_explained(error.response.get("Error", {}).get("Code", ""), _one_line(error))) from None
    except faults.BotoCoreError as error:
        raise StateError(f"AWS could not be asked: {_one_line(error)}") from None


def _explained(code: str, what: str) -> str:
    if code in _EXPIRED:
        return f"AWS takes these credentials no longer: {_LOG_IN}"
    if code in _REFUSED:
        return f"these credentials lack a right: {what}"
    if code == "NoSuchBucket":
        return f"{what}: make bootstrap-state makes the state bucket"
    return what


def _one_line(error: Exception) -> str:
    return printable(" ".join(str(error).split()))
