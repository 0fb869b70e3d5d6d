"""What is measured: apps that are synthesised in a process of their own. ``python -m benchmarks.synthesis APP OUTDIR``.

Apps: ``floor`` (import cdktf and a stack of one element, no provider), or a number of environments, all like prod.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault(
    "CLOUDTRAIL_MONITORING_CONTACTS",
    str(Path(__file__).parents[1] / "environments" / "contacts.example.toml"),
)


def floor(outdir: str) -> None:
    import cloudtrail_monitoring  # noqa: F401 - the same Node as the other apps  # isort: skip
    from cdktf import App, TerraformOutput, TerraformStack

    app = App(outdir=outdir)
    TerraformOutput(TerraformStack(app, "floor"), "one", value="1")
    app.synth()


def environments(count: int, outdir: str) -> None:
    from cloudtrail_monitoring.environments import load_environments
    from cloudtrail_monitoring.monitoring_stack import MonitoringStack

    prod = load_environments(Path(__file__).parents[1] / "environments")["prod"]
    from cdktf import App

    app = App(outdir=outdir)
    for number in range(count):
        MonitoringStack(app, prod.model_copy(update={"environment": f"environment-{number}"}))
    app.synth()


if __name__ == "__main__":
    name, outdir = sys.argv[1:]
    if name == "floor":
        floor(outdir)
    else:
        environments(int(name), outdir)
