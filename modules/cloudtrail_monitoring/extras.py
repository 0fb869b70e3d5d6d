"""What a command says where a package is missing that only an extra brings: its name, and how to install it.

Which extra brings what is written in ``pyproject.toml``; a test holds this table to it.
"""

from typing import Any

import typer
from typer.core import TyperGroup

from cloudtrail_monitoring.command_line import refuse

EXTRAS = {
    "boto3": "investigate",
    "botocore": "investigate",
    "jinja2": "investigate",
    "markdown_it": "investigate",
    "markupsafe": "investigate",
    "checkov": "scan",
    "lark": "sandbox",
    "moto": "sandbox",
}
"""By the name it is imported by. The demo needs the sandbox's, which hold all of ``investigate``."""
_WHOLE = {"demo": "sandbox"}


class CommandsWithExtras(TyperGroup):
    """Commands of which some need an extra: one line says so, and nothing else happens."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # typer's own name for click's context
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            if package not in EXTRAS:
                raise
            extra = _WHOLE.get(ctx.invoked_subcommand or "", EXTRAS[package])
            refuse(f"{package} is needed: pip install 'cloudtrail-monitoring[{extra}]'")
