"""Loads the environments: each ``*.py`` of a folder whose ``settings()`` returns ``MonitoringSettings``.

Faults of all of them are collected, one line each, so that a single run shows everything there is to mend.
"""

import importlib.util
from pathlib import Path

from pydantic import ValidationError

from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.validation import SettingsError, describe


def load_environments(directory: Path) -> dict[str, MonitoringSettings]:
    """The settings of every environment file, by environment name, in the files' order.

    Raises:
        SettingsError: one line for each fault, naming environment, field, value and bound.
    """
    files = sorted(path for path in directory.glob("*.py") if not path.stem.startswith("_"))
    if not files:
        raise SettingsError(f"{directory}: no environments here; add a file such as prod.py")
    faults: list[str] = []
    environments: dict[str, MonitoringSettings] = {}
    for path in files:
        try:
            settings = _load(path)
        except ValidationError as error:
            faults.append(describe(error, environment=path.stem))
            continue
        except SettingsError as error:
            faults.append(str(error))
            continue
        if settings.environment in environments:
            faults.append(f"{path.stem}: environment: {settings.environment!r} is the name of another file's, too")
        environments[settings.environment] = settings
    if faults:
        raise SettingsError("\n".join(faults))
    return environments


def _load(path: Path) -> MonitoringSettings:
    spec = importlib.util.spec_from_file_location(f"environments.{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    settings = getattr(module, "settings", None)
    if settings is None:
        raise SettingsError(f"{path.stem}: {path.name} has no function settings()")
    loaded = settings()
    if not isinstance(loaded, MonitoringSettings):
        raise SettingsError(f"{path.stem}: settings() must return MonitoringSettings, not {type(loaded).__name__}")
    return loaded
