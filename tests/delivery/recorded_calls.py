"""Records what Terraform asks of the embedded AWS, and names each call as AWS does: service, operation, parameters.

The names come from botocore's models of AWS's interfaces, and not from how moto handles a call. What a call needs in
IAM is left to ``needed_permissions``.
"""

import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl, unquote

import botocore.session
from botocore.model import OperationModel, ServiceModel

_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_NAMED_OTHERWISE = {"monitoring": "cloudwatch"}
"""botocore's name of a service that signs with another."""
_LONGEST_BODY = 20_000_000


class Call(NamedTuple):
    """One call, with the parameters of its path, query or body."""

    service: str
    operation: str
    region: str
    parameters: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.service}:{self.operation} {json.dumps(self.parameters)[:200]}"


@contextmanager
def recorded_calls() -> Iterator[list[Call]]:
    """The calls that any embedded AWS of this process answers until the block ends."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

    calls: list[Call] = []
    answer = DomainDispatcherApplication.__call__

    def record(self: Any, environ: dict[str, Any], start_response: Any) -> Any:
        call = call_of(environ)
        if call:
            calls.append(call)
        return answer(self, environ, start_response)

    DomainDispatcherApplication.__call__ = record  # type: ignore[method-assign]  # moto has no hook for it
    try:
        yield calls
    finally:
        DomainDispatcherApplication.__call__ = answer  # type: ignore[method-assign]  # as it was


def call_of(environ: dict[str, Any]) -> Call | None:
    """The call of a WSGI request, or None if it is signed for no service; its body can still be read afterwards."""
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if scope is None:
        return None
    service = _NAMED_OTHERWISE.get(scope["service"], scope["service"])
    body = b"" if service == "s3" else _body(environ)
    operation, parameters = _named(_model(service), environ, body)
    return Call(service, operation, scope["region"], parameters)


def _body(environ: dict[str, Any]) -> bytes:
    body: bytes = environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), _LONGEST_BODY))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _named(model: ServiceModel, environ: Mapping[str, Any], body: bytes) -> tuple[str, dict[str, Any]]:
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return target.rpartition(".")[2], json.loads(body or b"{}")
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        return form["Action"], {name: value for name, value in form.items() if name not in ("Action", "Version")}
    return _of_rest(model, environ, body)


def _of_rest(model: ServiceModel, environ: Mapping[str, Any], body: bytes) -> tuple[str, dict[str, Any]]:
    """REST names no operation: it is the one whose method, path and fixed query parameters fit, the most of these."""
    path, _, query = environ["RAW_URI"].partition("?")
    asked = parse_qs(query, keep_blank_values=True)
    fitting = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        template, _, fixed = operation.http["requestUri"].partition("?")
        takes = operation.http["method"] == environ["REQUEST_METHOD"] and not operation.deprecated
        found = _path(template).fullmatch(path) if takes else None
        wanted = parse_qs(fixed, keep_blank_values=True)
        if found and wanted.items() <= asked.items() and _complete(operation, asked, environ):
            in_path = {key: unquote(value) for key, value in found.groupdict().items()}
            fitting.append((len(wanted), len(operation.http["requestUri"]), name, in_path))
    assert fitting, f"{model.service_name} has no operation for {environ['REQUEST_METHOD']} {environ['RAW_URI']}"
    _, _, name, in_path = max(fitting, key=lambda one: one[:2])
    in_body = json.loads(body) if body.startswith(b"{") else {}
    in_query = {key: values[0] if len(values) == 1 else values for key, values in asked.items()}
    return name, {**in_query, **in_body, **in_path}


def _complete(operation: OperationModel, asked: Mapping[str, Any], environ: Mapping[str, Any]) -> bool:
    """Whether the request has every query parameter and header that the operation can't go without."""
    shape = operation.input_shape
    for member in shape.required_members if shape else ():
        place = shape.members[member].serialization
        name = place.get("name", member)
        if place.get("location") == "querystring" and name not in asked:
            return False
        if place.get("location") == "header" and f"HTTP_{name.upper().replace('-', '_')}" not in environ:
            return False
    return True


@cache
def _path(template: str) -> re.Pattern[str]:
    """``/{Bucket}/{Key+}`` as an expression; a plus takes slashes as well."""
    parts = re.split(r"\{(\w+)(\+?)\}", template.rstrip("/") or "/")
    written = [re.escape(parts[0])]
    for name, greedy, after in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        written += [f"(?P<{name}>{'.+' if greedy else '[^/]+'})", re.escape(after)]
    return re.compile("".join(written) + "/?")


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)
