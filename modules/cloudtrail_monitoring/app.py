"""The CDKTF app: two stacks for each environment, the system's own and its state bucket's."""

import json
import sys
from pathlib import Path

from cloudtrail_monitoring.environments import load_environments
from cloudtrail_monitoring.governance.dead_alarms import dead_alarms
from cloudtrail_monitoring.governance.dead_budgets import dead_budgets
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
    return refuse_dead_alarms(Path(app.outdir))


def refuse_dead_alarms(output: Path) -> int:
    """Take the output back if an alarm or a budget in it could never tell anybody; each is named on stderr.

    Returns:
        The exit status: 0, or 2 if there is one.
    """
    found = [
        f"{name}: {line}"
        for name, stack in json.loads((output / "manifest.json").read_bytes())["stacks"].items()
        for dead in (dead_alarms, dead_budgets)
        for line in dead(json.loads((output / stack["synthesizedStackPath"]).read_bytes()))
    ]
    if not found:
        return 0
    print("\n".join(found), file=sys.stderr)
    # without its manifest nothing deploys or reads the output
    (output / "manifest.json").unlink(missing_ok=True)
    return 2
