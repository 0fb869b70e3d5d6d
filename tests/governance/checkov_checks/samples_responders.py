"""Samples for the rules of responders and delivery: R-RSP, R-DEL-1 and R-DEL-2."""

import json
from typing import Any

from tests.governance.checkov_checks.samples import FAILED, NOT_JUDGED, PASSED, Resources, Sample, trail

_FUNCTION = "${aws_lambda_function.release.arn}"
_QUEUE = "${aws_sqs_queue.events.arn}"
_HOLD = {"Effect": "Allow", "Action": ["iam:PutUserPolicy"], "Resource": "arn:aws:iam::333333333333:user/*"}
_SPARE = {"Effect": "Deny", "Action": "iam:*UserPolicy", "Resource": "arn:aws:iam::333333333333:user/break-glass/*"}


def _function(**changes: Any) -> Resources:
    return {"aws_lambda_function": {"release": {"function_name": "release", "role": "r", **changes}}}


def _scheduled(**changes: Any) -> Resources:
    return _function(**changes) | {"aws_scheduler_schedule": {"sweep": {"target": {"arn": _FUNCTION}}}}


def _role(*statements: dict[str, Any], role: str = "${aws_iam_role.router.arn}") -> Resources:
    policy = json.dumps({"Statement": list(statements)})
    return _function(role=role) | {
        "aws_iam_role": {"router": {"name": "router"}},
        "aws_iam_role_policy": {"router": {"role": "${aws_iam_role.router.id}", "policy": policy}},
    }


def _mapping(source: str = _QUEUE, **changes: Any) -> Resources:
    return {
        "aws_lambda_event_source_mapping": {"reader": {"event_source_arn": source, "function_name": "f", **changes}}
    }


def _read(**queue: Any) -> Resources:
    return _mapping() | {"aws_sqs_queue": {"events": {"name": "events", **queue}}}


def _invoke(on_failure: dict[str, Any]) -> Resources:
    setting = {"function_name": "${aws_lambda_function.release.function_name}", "destination_config": on_failure}
    return _scheduled() | {"aws_lambda_function_event_invoke_config": {"release": setting}}


_RESPONDERS = (
    # R-RSP-1
    Sample("CKV2_CTM_RSP_1", "spared", PASSED, _role(_HOLD, _SPARE)),
    Sample("CKV2_CTM_RSP_1", "not spared", FAILED, _role(_HOLD)),
    Sample("CKV2_CTM_RSP_1", "everybody", FAILED, _role({**_HOLD, "Resource": "*"}, _SPARE)),
    Sample("CKV2_CTM_RSP_1", "administrator", FAILED, _role({"Effect": "Allow", "Action": "*", "Resource": "*"})),
    Sample("CKV2_CTM_RSP_1", "holds nobody", NOT_JUDGED, _role({**_HOLD, "Action": "iam:GetUser"})),
    Sample("CKV2_CTM_RSP_1", "no function", NOT_JUDGED, _role(_HOLD, role="${aws_iam_role.other.arn}")),
    # R-RSP-1 to R-RSP-4
    Sample("CKV2_CTM_RSP_FAILURE", "queue", PASSED, _scheduled(dead_letter_config={"target_arn": _QUEUE})),
    Sample("CKV2_CTM_RSP_FAILURE", "destination", PASSED, _invoke({"on_failure": {"destination": _QUEUE}})),
    Sample("CKV2_CTM_RSP_FAILURE", "nothing", FAILED, _scheduled()),
    Sample("CKV2_CTM_RSP_FAILURE", "on success only", FAILED, _invoke({"on_success": {"destination": _QUEUE}})),
    Sample("CKV2_CTM_RSP_FAILURE", "not called", NOT_JUDGED, _function()),
    Sample("CKV_CTM_RSP_BATCH", "each", PASSED, _mapping(function_response_types=["ReportBatchItemFailures"])),
    Sample("CKV_CTM_RSP_BATCH", "all or none", FAILED, _mapping(), "function_response_types"),
    Sample("CKV_CTM_RSP_BATCH", "no queue", NOT_JUDGED, _mapping("${aws_kinesis_stream.s.arn}")),
    Sample("CKV2_CTM_RSP_QUEUE", "redriven", PASSED, _read(redrive_policy=json.dumps({"deadLetterTargetArn": "d"}))),
    Sample(
        "CKV2_CTM_RSP_QUEUE",
        "redriven beside",
        PASSED,
        _read() | {"aws_sqs_queue_redrive_policy": {"p": {"queue_url": "${aws_sqs_queue.events.id}"}}},
    ),
    Sample("CKV2_CTM_RSP_QUEUE", "not redriven", FAILED, _read()),
    Sample("CKV2_CTM_RSP_QUEUE", "not read", NOT_JUDGED, {"aws_sqs_queue": {"events": {"name": "events"}}}),
)


def _provider(**arguments: Any) -> dict[str, Any]:
    return {"provider": {"aws": [{"region": "us-east-1", **arguments}]}}


def _backend(kind: str, **arguments: Any) -> dict[str, Any]:
    return {"terraform": {"backend": {kind: arguments}}}


_KEPT = {"bucket": "state", "key": "prod.tfstate", "encrypt": True, "use_lockfile": True}

_DELIVERY = (
    # R-DEL-1
    Sample("CKV_CTM_DEL_1", "guarded", PASSED, trail(), beside=_provider(allowed_account_ids=["333333333333"])),
    Sample("CKV_CTM_DEL_1", "by variable", PASSED, trail(), beside=_provider(allowed_account_ids="${var.accounts}")),
    Sample("CKV_CTM_DEL_1", "any account", FAILED, trail(), beside=_provider()),
    # R-DEL-2
    Sample("CKV2_CTM_DEL_2", "kept", PASSED, trail(), beside=_backend("s3", **_KEPT)),
    Sample("CKV2_CTM_DEL_2", "no lock", FAILED, trail(), beside=_backend("s3", **{**_KEPT, "use_lockfile": False})),
    Sample("CKV2_CTM_DEL_2", "not encrypted", FAILED, trail(), beside=_backend("s3", bucket="b", use_lockfile=True)),
    Sample("CKV2_CTM_DEL_2", "on a laptop", FAILED, trail(), beside=_backend("local", path="state")),
    Sample("CKV2_CTM_DEL_2", "partial", NOT_JUDGED, trail(), beside=_backend("s3", key="prod.tfstate")),
    Sample("CKV2_CTM_DEL_2", "no backend", NOT_JUDGED, trail()),
)

RESPONDER_SAMPLES = (*_RESPONDERS, *_DELIVERY)
