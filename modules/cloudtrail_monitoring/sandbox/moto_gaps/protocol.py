"""How the embedded AWS answers a call that moto does not know: with a refusal, not a fault to be tried again."""

import json
from collections.abc import Iterable
from typing import Any

from .gap import Gap, Replacement


def _refuse_unknown_operations() -> Iterable[Replacement]:
    from moto.core.responses import BaseResponse

    answer = BaseResponse.call_action

    def call_action(self: Any) -> Any:
        try:
            return answer(self)
        except NotImplementedError as unknown:
            message = f"the embedded AWS does not know this call: {self.boto3_service_name}: {unknown}"
            # both spellings of an error: the JSON protocols read the body, the XML ones the status
            body = json.dumps({"__type": "UnknownOperationException", "message": message})
            headers = {"status": "400", "x-amzn-errortype": "UnknownOperationException"}
            if _speaks_xml(self):
                body = (
                    "<ErrorResponse><Error><Type>Sender</Type><Code>UnknownOperationException</Code>"
                    f"<Message>{message}</Message></Error></ErrorResponse>"
                )
            return 400, headers, body

    yield Replacement(BaseResponse, "call_action", call_action)


def _speaks_xml(response: Any) -> bool:
    """Whether the caller used the query protocol, which names its action in the form and is answered in XML."""
    return bool(response.querystring.get("Action"))


PROTOCOL_GAPS = (
    Gap(
        operation="*:*",
        aws="answers an operation it does not know with 400 UnknownOperationException, once",
        moto="answers 500, which every SDK takes for a passing fault and repeats for minutes",
        bridge=_refuse_unknown_operations,
    ),
)
