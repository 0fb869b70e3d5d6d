"""Loads the environments: each ``*.py`` of a folder whose ``settings()`` returns ``MonitoringSettings``.

Faults of all of them are collected, one line each, so that a single run shows everything there is to mend.
"""

import traceback
from collections.abc import Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

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
        except Exception as error:  # an environment is a program: whatever is wrong with it is told in a line
            faults.append(f"{path.stem}: {_where(error, path)}: {type(error).__name__}: {' '.join(str(error).split())}")
            continue
        if settings.environment in environments:
            faults.append(f"{path.stem}: environment: {settings.environment!r} is the name of another file's, too")
        environments[settings.environment] = settings
    faults += _shared_buckets(environments)
    if faults:
        raise SettingsError("\n".join(faults))
    return environments


def load_environment(directory: Path, name: str) -> MonitoringSettings:
    """The settings of one environment.

    Raises:
        SettingsError: as ``load_environments``, or there is none of that name.
    """
    environments = load_environments(directory)
    if name not in environments:
        raise SettingsError(f"there is no environment {name!r}; there are {', '.join(environments)}")
    return environments[name]


def _load(path: Path) -> MonitoringSettings:
    loader = SourceFileLoader(f"environments.{path.stem}", str(path))
    module = ModuleType(loader.name)
    module.__file__ = loader.path
    loader.exec_module(module)
    settings = getattr(module, "settings", None)
    if settings is None:
        raise SettingsError(f"{path.stem}: {path.name} has no function settings()")
    loaded = settings()
    if not isinstance(loaded, MonitoringSettings):
        raise SettingsError(f"{path.stem}: settings() must return MonitoringSettings, not {type(loaded).__name__}")
    return loaded


def _where(error: Exception, path: Path) -> str:
    """File and line of the environment at which it failed."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    line = error.lineno if isinstance(error, SyntaxError) else (lines or [None])[-1]
    return f"{path.name}, line {line}" if line else path.name


def _shared_buckets(environments: Mapping[str, MonitoringSettings]) -> list[str]:
    """Bucket names are unique in all of AWS: a name that two environments give works for the first to deploy."""
    owners: dict[str, str] = {}
    faults = []
    for name, settings in environments.items():
        for field, bucket in settings.bucket_names.items():
            if bucket in owners:
                faults.append(f"{name}: {field}: {bucket!r} is a bucket of {owners[bucket]}, too")
            owners.setdefault(bucket, name)
    return faults
