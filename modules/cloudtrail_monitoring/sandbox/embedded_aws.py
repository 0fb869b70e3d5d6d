"""An AWS account that lives in this process: moto's server on a loopback port, and the environment that leads to it.

Whatever runs with ``EmbeddedAws.environment`` (Terraform, the CDKTF or AWS command line, boto3) reaches the embedded
account and no other, also where the caller's environment holds credentials of a real one: nothing of the caller's AWS
configuration is passed on. What moto lacks is bridged by ``moto_gaps``; Terraform is run by ``terraform``.
"""

import logging
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Any

from cloudtrail_monitoring.sandbox.moto_gaps import GAPS, bridged

if TYPE_CHECKING:
    from boto3.session import Session

_LOOPBACK = "127.0.0.1"
_NOT_PROXIED = (_LOOPBACK, "localhost")

# Not a secret and not the shape of one: moto takes any, AWS would take none.
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "embedded", "AWS_SECRET_ACCESS_KEY": "embedded"}

_SEALED: Mapping[str, str] = {
    **_CREDENTIALS,
    # an empty file, not an absent variable: the SDKs would read ~/.aws
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    # the provider would repeat a failing call 25 times, for minutes; here nothing fails in passing
    "AWS_MAX_ATTEMPTS": "3",
    "AWS_PAGER": "",
}

# Without Docker: a function is not run by moto, see moto_gaps.functions.
_MOTO_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "lambda": {"use_docker": False},
    "batch": {"use_docker": False},
    "iam": {"load_aws_managed_policies": True},
}

# moto keeps its accounts in module globals: two embedded accounts in one process would see each other.
_the_only_one = threading.Lock()


class EmbeddedAwsError(RuntimeError):
    """The embedded AWS can't be started or used as asked; ``str()`` is one line."""


@dataclass(frozen=True)
class PublishedMessage:
    """A message that a topic of the embedded AWS was asked to publish."""

    topic_arn: str
    subject: str | None
    message: str
    message_id: str


def sealed_environment(base: Mapping[str, str]) -> dict[str, str]:
    """The environment without anything that could lead to a real AWS account.

    Every ``AWS_*`` variable is dropped (keys, session tokens, profiles, role and container credentials, endpoints, CA
    bundles, switches such as ``AWS_IGNORE_CONFIGURED_ENDPOINT_URLS``), credentials are replaced by ones AWS does not
    know, the configuration files by empty ones, and loopback addresses go past any proxy.

    See https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html

    >>> sealed_environment({"AWS_PROFILE": "production", "PATH": "/bin"})["AWS_ACCESS_KEY_ID"]
    'embedded'
    """
    sealed = {name: value for name, value in base.items() if not name.upper().startswith("AWS_")}
    sealed.update(_SEALED)
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host.strip() for host in base.get(name, "").split(",") if host.strip()]
        sealed[name] = ",".join(dict.fromkeys([*hosts, *_NOT_PROXIED]))
    return sealed


class EmbeddedAws:
    """One AWS account, empty at first, for as long as the block runs.

    While it runs, this process too has the sealed environment: code that makes its own boto3 clients, such as the
    responders' handlers, lands in the embedded account. On leaving, everything is put back and the port is free.

    Args:
        account_id: the account to be, 12 digits; a provider's ``allowed_account_ids`` is checked against it.
        region: the Region of clients and tools that name none.

    Raises:
        EmbeddedAwsError: the account id is malformed; on entering, if one is running in this process already, or if
            moto is not installed.

    >>> with EmbeddedAws("333333333333", "us-east-1") as aws:  # doctest: +SKIP
    ...     aws.client("sts").get_caller_identity()["Account"]
    '333333333333'
    """

    def __init__(self, account_id: str, region: str) -> None:
        if not re.fullmatch(r"\d{12}", account_id):
            raise EmbeddedAwsError(f"an AWS account id of 12 digits is needed (given: {account_id!r})")
        self.account_id = account_id
        self.region = region
        self._endpoint_url: str | None = None
        self._session: Session | None = None
        self._undo = ExitStack()

    def __enter__(self) -> "EmbeddedAws":
        _require_moto()
        if not _the_only_one.acquire(blocking=False):
            raise EmbeddedAwsError("an embedded AWS is running in this process already: leave that one first")
        with ExitStack() as undo:
            undo.callback(_the_only_one.release)
            # sealed before moto is imported: its boto3 session would look for the caller's profile
            undo.enter_context(_variables_of_this_process({**self._sealed(), "MOTO_ACCOUNT_ID": self.account_id}))
            undo.enter_context(_moto_prepared())
            undo.enter_context(bridged(GAPS))
            self._endpoint_url = undo.enter_context(_server())
            undo.callback(self._forget)
            os.environ["AWS_ENDPOINT_URL"] = self._endpoint_url
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    @property
    def endpoint_url(self) -> str:
        """Where every service of the embedded AWS answers, such as ``http://127.0.0.1:41873``."""
        if self._endpoint_url is None:
            raise EmbeddedAwsError("the embedded AWS is not running: enter it with `with`")
        return self._endpoint_url

    @property
    def environment(self) -> dict[str, str]:
        """The environment for subprocesses: this process's own, sealed, and leading here."""
        return {**self._sealed(), "AWS_ENDPOINT_URL": self.endpoint_url}

    def client(self, service_name: str, region_name: str | None = None) -> Any:
        """A boto3 client of the embedded account, whatever the environment says.

        Args:
            service_name: as boto3 names it, such as ``cloudtrail``.
            region_name: another Region than the embedded account's own.
        """
        from botocore.config import Config

        return self._sealed_session().client(
            service_name,  # type: ignore[call-overload]
            region_name=region_name or self.region,
            endpoint_url=self.endpoint_url,
            config=Config(proxies={}, use_fips_endpoint=False, retries={"mode": "standard", "total_max_attempts": 2}),
        )

    def published_messages(self) -> tuple[PublishedMessage, ...]:
        """What SNS topics were asked to publish, in all Regions; in order for each topic."""
        from moto.sns.models import sns_backends

        _ = self.endpoint_url
        return tuple(
            PublishedMessage(topic.arn, subject, message, message_id)
            for backend in list(sns_backends[self.account_id].values())
            for topic in list(backend.topics.values())
            for message_id, message, subject, *_rest in list(topic.sent_notifications)
        )

    def _sealed(self) -> dict[str, str]:
        here = {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}
        return {**sealed_environment(os.environ), **here}

    def _sealed_session(self) -> "Session":
        """A boto3 session that reads neither a profile nor a configuration file, even if one is set meanwhile."""
        if self._session is None:
            import botocore.session
            from boto3.session import Session

            unread = {
                "profile": (None, None, None, None),
                "config_file": (None, None, os.devnull, None),
                "credentials_file": (None, None, os.devnull, None),
            }
            self._session = Session(
                botocore_session=botocore.session.Session(session_vars=unread),
                aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            )
        return self._session

    def _forget(self) -> None:
        self._endpoint_url = None
        self._session = None


def _require_moto() -> None:
    missing = [name for name in ("boto3", "moto", "flask", "flask_cors") if find_spec(name) is None]
    if missing:
        raise EmbeddedAwsError(
            f"the embedded AWS needs {', '.join(missing)}: pip install 'cloudtrail-monitoring[sandbox]'"
        )


@contextmanager
def _variables_of_this_process(wanted: Mapping[str, str]) -> Iterator[None]:
    """Give this process the wanted environment; afterwards put back every variable this touched, and no other."""
    import boto3

    before = dict(os.environ)
    touched = {name for name in {*before, *wanted} if before.get(name) != wanted.get(name)} | {"AWS_ENDPOINT_URL"}
    # boto3's module-level session would go on with the credentials it found earlier
    session, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, None
    _set_variables(touched, wanted)
    try:
        yield
    finally:
        _set_variables(touched, before)
        boto3.DEFAULT_SESSION = session


def _set_variables(names: set[str], values: Mapping[str, str]) -> None:
    for name in names:
        if name in values:
            os.environ[name] = values[name]
        else:
            os.environ.pop(name, None)


@contextmanager
def _moto_prepared() -> Iterator[None]:
    """An empty moto with our settings and a quiet log; afterwards empty again, with its own settings."""
    from moto.core.config import default_user_config
    from moto.moto_api._internal.models import moto_api_backend

    settings: dict[str, Any] = default_user_config  # type: ignore[assignment]
    before = deepcopy(settings)
    # werkzeug names every request at INFO; faults of moto stay visible
    requests = logging.getLogger("werkzeug")
    level = requests.level
    requests.setLevel(logging.ERROR)
    moto_api_backend.reset()
    settings.update({service: {**settings[service], **ours} for service, ours in _MOTO_SETTINGS.items()})
    try:
        yield
    finally:
        moto_api_backend.reset()
        settings.clear()
        settings.update(before)
        requests.setLevel(level)


@contextmanager
def _server() -> Iterator[str]:
    """moto's server on a port that the operating system picks, so that no other process can be in the way."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address=_LOOPBACK, port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()
