"""The CDKTF app: two stacks for each environment, the system's own and its state bucket's."""

import sys
from pathlib import Path

from cloudtrail_monitoring.environments import load_environments
from cloudtrail_monitoring.validation import SettingsError


def synthesise(environments_directory: Path) -> int:
    """Synthesise all environments, or none; faults go to stderr, a line each.

    Returns:
        The exit status: 0, or 2 if a setting can't be used.
    """
    try:
        environments = load_environments(environments_directory)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2

    from cdktf import App

    from cloudtrail_monitoring.monitoring_stack import MonitoringStack
    from cloudtrail_monitoring.state.state_stack import StateStack

    app = App()
    try:
        for settings in environments.values():
            MonitoringStack(app, settings)
            StateStack(app, settings)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    app.synth()
    return 0
