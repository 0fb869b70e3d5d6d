"""Another account is refused before anything is asked of it, and AWS's faults are a line that says what to do."""

import ast
from collections.abc import Iterator

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    SSOTokenLoadError,
)
from moto import mock_aws

from cloudtrail_monitoring.aws_account import (
    MOST_CHARACTERS,
    AbsentError,
    AccountError,
    RequestError,
    caller_of,
    told_in_a_line,
)
from cloudtrail_monitoring.responders.runtime.aws import Aws
from tests.conftest import PROJECT
from tests.settings_samples import SAMPLE, changed

MOTO_ACCOUNT = "123456789012"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    # other tests have theirs, which has found its credentials already
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    with mock_aws():
        yield Aws("us-east-1")


def refusal(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Scan")


def test_the_caller_in_the_environment_s_account_is_named(aws: Aws) -> None:
    caller = caller_of(changed(SAMPLE, account_id=MOTO_ACCOUNT), aws)
    assert caller.startswith(f"arn:aws:sts::{MOTO_ACCOUNT}:")


def test_another_account_is_refused(aws: Aws) -> None:
    # R-DEL-1
    with pytest.raises(AccountError) as told:
        caller_of(changed(SAMPLE, account_id="444444444444"), aws)
    assert str(told.value) == (
        f"these credentials are of account {MOTO_ACCOUNT}, and sample is account 444444444444:"
        " choose a profile of that account (AWS_PROFILE), or another --environment"
    )


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (NoCredentialsError(), AccountError, "log in (aws sso login), or set AWS_PROFILE"),
        (ProfileNotFound(profile="nobody"), AccountError, "set AWS_PROFILE"),
        (SSOTokenLoadError(error_msg="absent"), AccountError, "log in"),
        (EndpointConnectionError(endpoint_url="https://sts.invalid"), AccountError, "AWS could not be asked: "),
        (refusal("ExpiredToken"), AccountError, "takes these credentials no longer (ExpiredToken): log in"),
        (refusal("AccessDeniedException", "a\nb"), RequestError, "lack a right: Scan: AccessDeniedException: a b"),
        (refusal("ResourceNotFoundException", "no table"), AbsentError, "no table: deploy the table first"),
        (refusal("ThrottlingException", "slow down"), RequestError, "Scan: ThrottlingException: slow down"),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else "",
)
def test_a_fault_of_aws_is_a_line_that_says_what_to_do(fault: Exception, kind: type[Exception], said: str) -> None:
    with pytest.raises(AccountError) as told, told_in_a_line(absent="deploy the table first"):
        raise fault
    assert type(told.value) is kind
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_what_aws_says_is_cut_and_can_t_act_on_a_terminal() -> None:
    with pytest.raises(RequestError) as told, told_in_a_line():
        raise refusal("InvalidRequestException", "\x1b[2J" + 10_000 * "x")
    assert "\x1b" not in str(told.value)
    assert len(str(told.value)) <= MOST_CHARACTERS + 1


def test_what_is_no_fault_of_aws_is_left_alone() -> None:
    with pytest.raises(KeyError), told_in_a_line():
        raise KeyError("a mistake of ours")


def test_every_command_asks_here_who_is_calling() -> None:
    # R-DEL-1: a second copy would drift. What runs in Lambda is in its account already; the sandbox has made up ones
    package = PROJECT / "modules" / "cloudtrail_monitoring"
    asking = {
        str(file.relative_to(package))
        for file in package.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "get_caller_identity"
    }
    assert {file for file in asking if not file.startswith("sandbox/")} == {"aws_account.py"}
