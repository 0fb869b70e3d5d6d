"""``make docs``: the pages and tables that follow from the code. ``--check`` only says which are stale."""

import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudtrail_monitoring.governance.compliance.output import Output
    from cloudtrail_monitoring.settings import MonitoringSettings

PROJECT = Path(__file__).parents[1]
RUNBOOKS = PROJECT / "docs" / "runbooks"
CHECKS = PROJECT / "docs" / "checks.md"
PLAN_REVIEW = PROJECT / "docs" / "plan-review.md"
SETTINGS = PROJECT / "docs" / "settings.md"
QUICK_REFERENCE = PROJECT / "docs" / "quick-reference.md"
REQUIREMENTS = PROJECT / "docs" / "requirements.md"
COMPLIANCE = PROJECT / "docs" / "compliance.md"
SAVED_QUERIES = PROJECT / "docs" / "saved-queries.md"


def pages() -> dict[Path, str]:
    """Every generated file with its text."""
    from cloudtrail_monitoring import quick_reference, settings_reference
    from cloudtrail_monitoring.detections.call_volume import CALL_VOLUME
    from cloudtrail_monitoring.detections.runbook import WRITTEN_BY_HAND, index, runbook
    from cloudtrail_monitoring.environments import load_environments
    from cloudtrail_monitoring.governance.check_table import with_tables
    from cloudtrail_monitoring.observability.query_catalogue import saved_query_of

    os.environ.setdefault("CLOUDTRAIL_MONITORING_CONTACTS", str(PROJECT / "environments" / "contacts.example.toml"))
    environments = load_environments(PROJECT / "environments")
    prod = environments["prod"]
    # the volume of calls has an alarm and a page, and no filter
    detections = {detection.id: detection for detection in (*prod.deployed_detections, CALL_VOLUME)}
    readme = RUNBOOKS / "README.md"
    output = _synthesised(prod)
    return {
        readme: _with_table(readme, "detections", index(detections)),
        CHECKS: with_tables(CHECKS.read_text(encoding="utf-8")),
        PLAN_REVIEW: _with_table(PLAN_REVIEW, "rules", _rules()),
        SETTINGS: _with_table(SETTINGS, "settings", settings_reference.tables()),
        QUICK_REFERENCE: _with_table(
            QUICK_REFERENCE,
            "commands",
            quick_reference.page([environments[name] for name in ("prod", "staging", "dev")]),
        ),
        REQUIREMENTS: _with_table(REQUIREMENTS, "requirements", _requirements(output)),
        COMPLIANCE: _with_table(COMPLIANCE, "prod", _compliance(output)),
        SAVED_QUERIES: _with_table(SAVED_QUERIES, "queries", _queries(prod)),
        **{
            RUNBOOKS / f"{id_}.md": runbook(
                one,
                log_group_name=prod.trail.log_group_name,
                region=prod.home_region,
                saved_query=saved_query_of(one, prod.name_prefix),
            )
            for id_, one in detections.items()
            if id_ not in WRITTEN_BY_HAND
        },
    }


def _with_table(page: Path, name: str, table: str) -> str:
    """The page with what stands between its comments `name` and `end of name` written anew."""
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _, rest = page.read_text(encoding="utf-8").partition(start)
    return f"{before}{start}\n{table}\n{end}{rest.partition(end)[2]}"


def _rules() -> str:
    from cloudtrail_monitoring.governance.plan_review.rules import INCOMPLETE, NOTHING_STANDS, RULES, UNKNOWN_TYPE

    rows = []
    for rule in (*RULES, UNKNOWN_TYPE, INCOMPLETE, NOTHING_STANDS):
        types = ", ".join(f"`{one}`" for one in rule.types) or "all else"
        rows.append(f"| `{rule.id}` | {rule.requirement} | {rule.reason} | {types} |")
    return "\n".join(["| rule | requirement | why it matters | looks at |", "|---|---|---|---|", *rows])


def _queries(settings: "MonitoringSettings") -> str:
    """Each query with its text; of the detections' queries, their number by level."""
    from cloudtrail_monitoring.detections.detection import Level
    from cloudtrail_monitoring.observability.query_catalogue import (
        category_queries,
        detection_queries,
        investigation_queries,
        required_queries,
    )

    lines: list[str] = []
    for query in (*required_queries(), *investigation_queries(settings.account_id), *category_queries()):
        log_group = query.log_group_name or settings.trail.log_group_name
        lines += [f"### {query.name}", ""]
        lines += [f"In `{settings.name_prefix}/{query.folder}`, of the log group `{log_group}`:", ""]
        lines += ["```text", query.text, "```", ""]
    told, untold = detection_queries(settings.deployed_detections)
    of_level = Counter(query.name.partition("/")[0] for query in told)
    lines += ["### Of detections", "", "| folder | queries |", "|---|---:|"]
    lines += [
        f"| `{settings.name_prefix}/detections/{level.value}` | {of_level[level.value]} |"
        for level in (Level.HIGH, Level.MEDIUM, Level.LOW)
    ]
    lines += ["", *(f"- `{id_}` has none: `{reason}`" for id_, reason in untold.items())]
    return "\n".join(lines).rstrip()


def _synthesised(settings: "MonitoringSettings") -> "Output":
    """An environment's stack as `main.py` writes it."""
    # before cdktf: the bindings then load lazily
    from cloudtrail_monitoring.monitoring_stack import MonitoringStack  # isort: skip
    from cdktf import App

    from cloudtrail_monitoring.governance.compliance.output import Output

    with tempfile.TemporaryDirectory() as folder:
        app = App(outdir=folder)
        MonitoringStack(app, settings)
        app.synth()
        return Output(json.loads(Path(folder, "stacks", settings.environment, "cdk.tf.json").read_bytes()))


def _requirements(output: "Output") -> str:
    from cloudtrail_monitoring.governance.compliance.requirements import files_naming, requirements, shown, tables

    tests = files_naming(PROJECT)
    return tables([shown(one, output, tests, PROJECT) for one in requirements().values()])


def _compliance(output: "Output") -> str:
    """By the resources alone: a test holds the table against the report, which asks Checkov, too."""
    from cloudtrail_monitoring.governance.compliance.assessment import Checks, assess
    from cloudtrail_monitoring.governance.compliance.frameworks import FRAMEWORKS
    from cloudtrail_monitoring.governance.compliance.summary_table import tables

    return tables(assess(FRAMEWORKS, output, Checks()))


def main() -> int:
    written = pages()
    stale = [path for path, text in written.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(PROJECT)} is stale: run make docs", file=sys.stderr)
        return 1 if stale else 0
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    print(f"{len(stale)} pages written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
