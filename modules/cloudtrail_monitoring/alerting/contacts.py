"""Reads who is told, from outside git: environment variables first, then ``contacts.toml``.

Without either, the addresses of ``contacts.example.toml`` stand in, so that anyone can synthesise and try the system;
a warning says so at synth, and a Terraform check warns at every plan, because nobody would receive these alerts.
"""

import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cloudtrail_monitoring.alerting.settings import Contacts
from cloudtrail_monitoring.validation import SettingsError, describe

FILE_VARIABLE = "CLOUDTRAIL_MONITORING_CONTACTS"
EXAMPLE_FILE = "contacts.example.toml"
OWN_FILE = "contacts.toml"


def read_contacts(environment: str, directory: Path, variables: Mapping[str, str] = os.environ) -> Contacts:
    """The contacts of one environment.

    Read from the first there is: ``CLOUDTRAIL_MONITORING_<ENVIRONMENT>_EMAIL`` and ``..._SMS`` (comma-separated); the
    file that ``CLOUDTRAIL_MONITORING_CONTACTS`` names; ``contacts.toml`` in ``directory``; its example.

    Raises:
        SettingsError: if the file can't be read, has no such environment, or an address is none.
    """
    stem = f"CLOUDTRAIL_MONITORING_{environment.upper().replace('-', '_')}_"
    given = {key: variables.get(f"{stem}{key.upper()}", "") for key in ("email", "sms")}
    if any(given.values()):
        return _contacts(environment, {key: value.split(",") for key, value in given.items() if value})
    if named := variables.get(FILE_VARIABLE):
        return _from_file(environment, Path(named))
    if (own := directory / OWN_FILE).exists():
        return _from_file(environment, own)
    print(
        f"{environment}: warning: contacts are those of {EXAMPLE_FILE}, whom no alert reaches;"
        f" put yours into {OWN_FILE}",
        file=sys.stderr,
    )
    return _from_file(environment, directory / EXAMPLE_FILE)


def _from_file(environment: str, path: Path) -> Contacts:
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise SettingsError(f"{environment}: contacts: {path} can't be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{environment}: contacts: {path} is not TOML: {error}") from None
    if not isinstance(content.get(environment), dict):
        raise SettingsError(f"{environment}: contacts: {path} has no table [{environment}]")
    return _contacts(environment, content[environment])


def _contacts(environment: str, values: Mapping[str, Any]) -> Contacts:
    try:
        return Contacts(
            **{
                key: tuple(part.strip() if isinstance(part, str) else part for part in value)
                if isinstance(value, list)
                else value
                for key, value in values.items()
            }
        )
    except ValidationError as error:
        raise SettingsError(describe(error, environment=environment)) from None
