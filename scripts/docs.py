"""``make docs``: the pages and tables that follow from the code. ``--check`` only says which are stale."""

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
RUNBOOKS = PROJECT / "docs" / "runbooks"
CHECKS = PROJECT / "docs" / "checks.md"
PLAN_REVIEW = PROJECT / "docs" / "plan-review.md"


def pages() -> dict[Path, str]:
    """Every generated file with its text."""
    from cloudtrail_monitoring.detections.runbook import WRITTEN_BY_HAND, index, runbook
    from cloudtrail_monitoring.environments import load_environments
    from cloudtrail_monitoring.governance.check_table import with_tables

    os.environ.setdefault("CLOUDTRAIL_MONITORING_CONTACTS", str(PROJECT / "environments" / "contacts.example.toml"))
    prod = load_environments(PROJECT / "environments")["prod"]
    detections = {detection.id: detection for detection in prod.deployed_detections}
    readme = RUNBOOKS / "README.md"
    return {
        readme: _with_table(readme, "detections", index(detections)),
        CHECKS: with_tables(CHECKS.read_text(encoding="utf-8")),
        PLAN_REVIEW: _with_table(PLAN_REVIEW, "rules", _rules()),
        **{
            RUNBOOKS / f"{id_}.md": runbook(one, log_group_name=prod.trail.log_group_name, region=prod.home_region)
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


def main() -> int:
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(PROJECT)} is stale: run make docs", file=sys.stderr)
        return 1 if stale else 0
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
    print(f"{len(stale)} pages written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
