"""The embedded metric format: what CloudWatch Logs takes out of a function's log."""

import json
import os
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudtrail_monitoring.responders.runtime.login_metric import count_login
from cloudtrail_monitoring.responders.runtime.metrics import NAMESPACE_VARIABLE
from cloudtrail_monitoring.sandbox.embedded_metrics import listening, read_metrics

AT = datetime(2026, 3, 9, 5, 58, 20, tzinfo=UTC)


def line(**fields: Any) -> str:
    directive = {"Namespace": "Acme", "Dimensions": [["Country"]], "Metrics": [{"Name": "Logins"}]}
    metadata = {"Timestamp": int(AT.timestamp() * 1000), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": metadata, "Country": "US", "Logins": 1, **fields})


def test_a_line_is_a_value_with_its_dimensions_and_its_time() -> None:
    (found,) = read_metrics(line())
    assert found == ("Acme", "Logins", (("Country", "US"),), AT, 1.0)


def test_a_list_is_several_values() -> None:
    assert [one.value for one in read_metrics(line(Logins=[1, 2.5]))] == [1.0, 2.5]


@pytest.mark.parametrize(
    "text", ["", "START RequestId: 1", "[]", '{"_aws": {}}', line(Logins="many"), '{"level": "INFO"}']
)
def test_another_line_of_a_log_is_no_metric(text: str) -> None:
    assert list(read_metrics(text)) == []


# R-DSH-3
def test_what_responders_count_is_heard_with_the_functions_own_namespace() -> None:
    before = os.environ.get(NAMESPACE_VARIABLE)
    with listening({NAMESPACE_VARIABLE: "Acme/Responders"}) as measured:
        count_login("AQ", AT)
        print("something else")
    (found,) = measured
    assert (found.namespace, found.dimensions, found.at) == ("Acme/Responders", (("Country", "AQ"),), AT)
    assert os.environ.get(NAMESPACE_VARIABLE) == before


def test_output_and_environment_are_put_back_after_a_failure() -> None:
    stdout = sys.stdout
    with pytest.raises(KeyError), listening({NAMESPACE_VARIABLE: "Acme"}):
        raise KeyError
    assert sys.stdout is stdout
    assert NAMESPACE_VARIABLE not in os.environ
