"""Records anew what Terraform asks of AWS, where a stack has got a new kind of resource or the provider a new version.

Deploys an environment into the embedded AWS, plans it, lets it go and destroys it, and keeps one call of each kind in
``calls_of_terraform.jsonl``. Takes about five minutes: ``python -m tests.delivery.record_calls prod``.
"""

import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from cloudtrail_monitoring.sandbox.deployment import Deployment
from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from tests.delivery.recorded_calls import Call, recorded_calls

CALLS = Path(__file__).parent / "calls_of_terraform.jsonl"
LONGEST_VALUE = 120


def read_calls(phase: str) -> list[Call]:
    """The recorded calls of ``deploy``, ``plan``, ``plan-state`` or ``destroy``."""
    entries = [json.loads(line) for line in CALLS.read_text(encoding="utf-8").splitlines()]
    return [Call(**entry["call"]) for entry in entries if entry["phase"] == phase]


def record(environment: str) -> dict[str, list[Call]]:
    """The calls of an environment's whole life, by phase."""
    from tests.deployment.conftest import ROOT, settings_of

    settings = settings_of(environment)
    recorded: dict[str, list[Call]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        recorded_calls() as calls,
        EmbeddedAws(account_id=settings.account_id, region=settings.home_region) as aws,
    ):
        deployment = Deployment(
            ROOT, environment, embedded=aws.environment, directory=Path(folder), console=Console(stderr=True)
        )
        stack = deployment.terraform.working_dir
        state = deployment.terraform_in(stack.parent / f"state-{environment}")

        def phase(name: str, *steps: Callable[[], object]) -> None:
            before = len(calls)
            for step in steps:
                step()
            recorded[name] = calls[before:]

        deployment.step("bootstrap state", ["scripts/bootstrap-state.sh", environment])
        phase("plan-state", state.init, lambda: state.plan("-lock=false"))
        phase("deploy", lambda: deployment.cdktf("deploy", "--auto-approve"))
        terraform = deployment.terraform
        phase("plan", terraform.init, lambda: terraform.plan("-lock=false"))
        _let_go(stack / "cdk.tf.json")
        phase("destroy", terraform.apply, terraform.destroy)
    return recorded


def _let_go(stack: Path) -> None:
    """Take from the stack what keeps it from being destroyed."""
    text = stack.read_text(encoding="utf-8")
    for setting in ("prevent_destroy", "deletion_protection_enabled"):
        text = text.replace(f'"{setting}": true', f'"{setting}": false')
    stack.write_text(text.replace('"force_destroy": false', '"force_destroy": true'), encoding="utf-8")


def of_each_kind(calls: Iterable[Call]) -> Iterator[Call]:
    """One call of each operation, set of parameters, and bucket; with what permissions don't look at left out."""
    seen = set()
    for call in calls:
        kept = _kept(call)
        kind = (call.service, call.operation, *sorted(kept), kept.get("Bucket"), kept.get("Key"))
        if call.service != "sts" and kind not in seen:
            seen.add(kind)
            yield call._replace(parameters=kept)


def _kept(call: Call) -> dict[str, Any]:
    if call.service == "s3":
        return {name: call.parameters[name] for name in ("Bucket", "Key") if name in call.parameters}
    left_out = re.compile(
        r"Environment|Dimensions\..*|Metrics\..*|Advanced.*|Alarm(Description|Actions.*)|Content|Code"
    )
    shortened = {name: _short(value) for name, value in call.parameters.items() if not left_out.fullmatch(name)}
    return {name: value for name, value in shortened.items() if value not in ("", [], {})}


def _short(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _short(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_short(inner) for inner in value]
    if not isinstance(value, str):
        return value
    # the embedded AWS's queues have its own address
    value = re.sub(r"^http://[^/]+/", "https://sqs.us-east-1.amazonaws.com/", value)
    return value if len(value) <= LONGEST_VALUE else ""


def write_calls(recorded: Mapping[str, Iterable[Call]]) -> None:
    lines = [
        json.dumps({"phase": phase, "call": call._asdict()}, separators=(",", ":"), sort_keys=True)
        for phase, calls in recorded.items()
        for call in sorted(of_each_kind(calls), key=lambda call: (call.service, call.operation))
    ]
    CALLS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_calls(record(sys.argv[1]))
