"""The embedded AWS: an account of its own, sealed off from any real one, and gone without a trace."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import boto3
import pytest

from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws, EmbeddedAwsError, sealed_environment

ACCOUNT = "333333333333"

# What a developer's or a CI machine's shell may hold.
REAL = {
    "AWS_ACCESS_KEY_ID": "key-of-production",
    "AWS_SECRET_ACCESS_KEY": "secret-of-production",
    "AWS_SESSION_TOKEN": "token-of-production",
    "AWS_PROFILE": "production",
    "AWS_DEFAULT_PROFILE": "production",
    "AWS_CONFIG_FILE": "/home/somebody/.aws/config",
    "AWS_SHARED_CREDENTIALS_FILE": "/home/somebody/.aws/credentials",
    "AWS_ROLE_ARN": "arn:aws:iam::999999999999:role/deploy",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/token",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials",
    "AWS_ENDPOINT_URL_S3": "https://s3.us-east-1.amazonaws.com",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_CA_BUNDLE": "/etc/no-such-bundle.pem",
}


@pytest.fixture(scope="class")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(ACCOUNT, "us-east-1") as running:
        yield running


@pytest.mark.parametrize("name", sorted(REAL))
def test_no_value_of_a_real_account_passes_the_seal(name: str) -> None:
    # R-DEL-1
    assert sealed_environment(REAL).get(name) != REAL[name]


def test_sealed_variables_outside_the_known_ones_are_dropped() -> None:
    sealed = sealed_environment({"AWS_SOMETHING_NEW": "x", "aws_profile": "y", "PATH": "/bin", "AWSOME": "kept"})
    assert "AWS_SOMETHING_NEW" not in sealed
    assert "aws_profile" not in sealed
    assert (sealed["PATH"], sealed["AWSOME"]) == ("/bin", "kept")


def test_configuration_files_are_empty_rather_than_absent() -> None:
    sealed = sealed_environment({"HOME": "/home/somebody"})
    assert sealed["AWS_CONFIG_FILE"] == sealed["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


def test_instance_metadata_is_not_asked() -> None:
    assert sealed_environment({})["AWS_EC2_METADATA_DISABLED"] == "true"


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_loopback_goes_past_the_proxy_and_other_exceptions_stay(name: str) -> None:
    sealed = sealed_environment({"HTTPS_PROXY": "http://proxy:3128", name: "corp.example, localhost"})
    assert sealed[name] == "corp.example,localhost,127.0.0.1"
    assert sealed["HTTPS_PROXY"] == "http://proxy:3128"


def test_sealing_twice_changes_nothing_more() -> None:
    once = sealed_environment(REAL)
    assert sealed_environment(once) == once


class TestRunning:
    """With one account for all, as starting takes a second."""

    def test_account_is_the_environments_own(self, aws: EmbeddedAws) -> None:
        # R-DEL-1
        assert aws.client("sts").get_caller_identity()["Account"] == ACCOUNT

    def test_client_uses_the_embedded_region_unless_told(self, aws: EmbeddedAws) -> None:
        assert aws.client("sns").meta.region_name == "us-east-1"
        assert aws.client("sns", "eu-west-1").meta.region_name == "eu-west-1"

    def test_client_ignores_a_profile_set_while_running(
        self, aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in REAL.items():
            monkeypatch.setenv(name, value)
        client = aws.client("sts")
        assert client.get_caller_identity()["Account"] == ACCOUNT
        assert client._request_signer._credentials.access_key == "embedded"

    @pytest.mark.usefixtures("aws")
    def test_clients_made_by_other_code_in_this_process_land_here(self) -> None:
        assert boto3.client("sts").get_caller_identity()["Account"] == ACCOUNT

    def test_subprocess_with_real_credentials_in_its_shell_lands_here(
        self, aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in REAL.items():
            monkeypatch.setenv(name, value)
        program = (
            "import boto3, json; c = boto3.client('sts'); "
            "print(json.dumps([c.get_caller_identity()['Account'], c.meta.endpoint_url, c.meta.region_name]))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], env=aws.environment, capture_output=True, text=True, check=True
        )
        assert json.loads(done.stdout) == [ACCOUNT, aws.endpoint_url, "us-east-1"]

    def test_client_of_a_service_can_be_made_again(self, aws: EmbeddedAws) -> None:
        assert aws.client("s3") is not aws.client("s3")

    def test_bucket_is_reached_by_path_on_the_loopback_address(self, aws: EmbeddedAws) -> None:
        # R-DEL-2
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="state-of-somebody")
        s3.put_object(Bucket="state-of-somebody", Key="a/b", Body=b"x")
        assert s3.get_object(Bucket="state-of-somebody", Key="a/b")["Body"].read() == b"x"

    def test_published_messages_tell_topic_subject_and_text_of_every_region(self, aws: EmbeddedAws) -> None:
        topics = {}
        for region in ("us-east-1", "eu-west-1"):
            sns = aws.client("sns", region)
            topics[region] = sns.create_topic(Name="alerts")["TopicArn"]
            sns.publish(TopicArn=topics[region], Subject=f"from {region}", Message="who did what")
        found = {(m.topic_arn, m.subject, m.message) for m in aws.published_messages()}
        assert found == {(arn, f"from {region}", "who did what") for region, arn in topics.items()}

    def test_nested_embedded_aws_is_refused_and_the_outer_one_goes_on(self, aws: EmbeddedAws) -> None:
        with (
            pytest.raises(EmbeddedAwsError, match="running in this process already"),
            EmbeddedAws(ACCOUNT, "us-east-1"),
        ):
            pass
        assert aws.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_own_endpoint_is_unknown_before_and_after() -> None:
    aws = EmbeddedAws(ACCOUNT, "us-east-1")
    for _ in range(2):
        with pytest.raises(EmbeddedAwsError, match="not running"):
            _ = aws.endpoint_url
        with aws:
            assert aws.endpoint_url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    "account_id", ["", "33333333333", "3333333333333", "33333333333x", "arn:aws:iam::333333333333"]
)
def test_malformed_account_id_is_refused(account_id: str) -> None:
    # R-DEL-1
    with pytest.raises(EmbeddedAwsError, match="12 digits"):
        EmbeddedAws(account_id, "us-east-1")


def test_environment_of_this_process_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in REAL.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "777777777777")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    before = dict(os.environ)
    with EmbeddedAws(ACCOUNT, "us-east-1") as aws:
        assert aws.client("sts").get_caller_identity()["Account"] == ACCOUNT
        os.environ["SET_BY_THE_BLOCK"] = "stays"
    assert os.environ.pop("SET_BY_THE_BLOCK") == "stays"
    assert dict(os.environ) == before


def test_everything_is_put_back_after_an_error() -> None:
    before = dict(os.environ)
    with pytest.raises(ZeroDivisionError), EmbeddedAws(ACCOUNT, "us-east-1"):
        _ = 1 / 0
    assert dict(os.environ) == before
    with EmbeddedAws(ACCOUNT, "us-east-1") as aws:
        assert aws.client("s3").list_buckets()["Buckets"] == []


def test_port_is_free_afterwards() -> None:
    with EmbeddedAws(ACCOUNT, "us-east-1") as aws:
        port = urlsplit(aws.endpoint_url).port
        assert port
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))


def test_no_thread_of_the_server_is_left() -> None:
    before = set(threading.enumerate())
    with EmbeddedAws(ACCOUNT, "us-east-1") as aws:
        aws.client("sts").get_caller_identity()
    assert {thread for thread in set(threading.enumerate()) - before if thread.is_alive()} == set()


def test_next_one_is_empty_and_may_be_another_account() -> None:
    with EmbeddedAws(ACCOUNT, "us-east-1") as first:
        first.client("s3").create_bucket(Bucket="left-behind")
    with EmbeddedAws("222222222222", "eu-west-1") as second:
        assert second.client("s3").list_buckets()["Buckets"] == []
        assert second.client("sts").get_caller_identity()["Account"] == "222222222222"


def test_run_in_another_process_at_the_same_time_is_not_in_the_way() -> None:
    program = (
        "from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws\n"
        "with EmbeddedAws('111111111111', 'us-east-1') as aws:\n"
        "    print(aws.client('sts').get_caller_identity()['Account'])"
    )
    with EmbeddedAws(ACCOUNT, "us-east-1") as aws:
        other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert other.stdout.strip() == "111111111111"
        assert aws.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_default_session_of_boto3_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    session = boto3.session.Session(aws_access_key_id="real", aws_secret_access_key="real", region_name="us-east-1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    with EmbeddedAws(ACCOUNT, "us-east-1"):
        assert boto3.client("sts")._request_signer._credentials.access_key == "embedded"
    assert boto3.DEFAULT_SESSION is session
