"""``make docs``: the runbook pages and their table, from prod's detections. ``--check`` only says which are stale."""

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
RUNBOOKS = PROJECT / "docs" / "runbooks"
START, END = "<!-- detections -->", "<!-- end of detections -->"


def pages() -> dict[Path, str]:
    """Every generated file with its text."""
    from cloudtrail_monitoring.detections.runbook import WRITTEN_BY_HAND, index, runbook
    from cloudtrail_monitoring.environments import load_environments

    os.environ.setdefault("CLOUDTRAIL_MONITORING_CONTACTS", str(PROJECT / "environments" / "contacts.example.toml"))
    prod = load_environments(PROJECT / "environments")["prod"]
    detections = {detection.id: detection for detection in prod.deployed_detections}
    readme = RUNBOOKS / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition(START)
    after = rest.partition(END)[2]
    return {
        readme: f"{before}{START}\n{index(detections)}\n{END}{after}",
        **{
            RUNBOOKS / f"{id_}.md": runbook(one, log_group_name=prod.trail.log_group_name, region=prod.home_region)
            for id_, one in detections.items()
            if id_ not in WRITTEN_BY_HAND
        },
    }


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
