"""Whose addresses a deployment into the embedded AWS is made with: the example's, and nobody's own."""

import os
from pathlib import Path

import pytest

from cloudtrail_monitoring.alerting.contacts import FILE_VARIABLE
from cloudtrail_monitoring.sandbox.deployment import settings_with_examples
from cloudtrail_monitoring.validation import SettingsError
from tests.conftest import PROJECT

OWN = "morgan@corp.test"


@pytest.fixture(autouse=True)
def put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run sets in its own process, it leaves there."""
    monkeypatch.setenv(FILE_VARIABLE, "")


@pytest.mark.parametrize("variable", ["CLOUDTRAIL_MONITORING_PROD_EMAIL", "CLOUDTRAIL_MONITORING_DEV_EMAIL"])
def test_readers_in_the_variables_are_left_out(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, OWN)
    monkeypatch.setenv("CLOUDTRAIL_MONITORING_PROD_SMS", "+12065550199")
    settings = settings_with_examples(PROJECT, "prod")
    assert settings.alerting.contacts.email
    # the tools that are started find the example's as well
    for shown in (str(settings.alerting.contacts), str(dict(os.environ))):
        assert OWN not in shown
        assert "+12065550199" not in shown


def test_readers_in_a_file_of_one_s_own_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "contacts.toml"
    own.write_text("".join(f'[{name}]\nemail = ["{OWN}"]\n' for name in ("dev", "staging", "prod")))
    monkeypatch.setenv(FILE_VARIABLE, str(own))
    assert OWN not in str(settings_with_examples(PROJECT, "prod").alerting.contacts)
    assert os.environ[FILE_VARIABLE].endswith("contacts.example.toml")


def test_an_environment_that_is_none_is_told() -> None:
    with pytest.raises(SettingsError, match="there is no environment 'nowhere'; there are dev, prod, staging"):
        settings_with_examples(PROJECT, "nowhere")
