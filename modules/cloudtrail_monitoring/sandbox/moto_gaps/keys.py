"""KMS: how often a key is rotated."""

import json
from collections.abc import Iterable
from typing import Any

from .gap import Gap, Replacement

_DEFAULT_DAYS = 365


def _keep_rotation_period() -> Iterable[Replacement]:
    from moto.kms.responses import KmsResponse

    enable, status = KmsResponse.enable_key_rotation, KmsResponse.get_key_rotation_status

    def key_of(response: Any) -> Any:
        backend = response.kms_backend
        return backend.keys[backend.get_key_id(response._get_param("KeyId"))]

    def enable_key_rotation(self: Any) -> str:
        answer = enable(self)
        key_of(self).rotation_days = self._get_param("RotationPeriodInDays") or _DEFAULT_DAYS
        return answer

    def get_key_rotation_status(self: Any) -> str:
        answer = json.loads(status(self))
        if answer["KeyRotationEnabled"]:
            answer["RotationPeriodInDays"] = getattr(key_of(self), "rotation_days", _DEFAULT_DAYS)
        return json.dumps(answer)

    yield Replacement(KmsResponse, "enable_key_rotation", enable_key_rotation)
    yield Replacement(KmsResponse, "get_key_rotation_status", get_key_rotation_status)


KEY_GAPS = (
    Gap(
        operation="kms:EnableKeyRotation",
        aws="rotates every 90 to 2560 days as asked, 365 by default, and says so",
        moto="forgets the period",
        bridge=_keep_rotation_period,
    ),
)
