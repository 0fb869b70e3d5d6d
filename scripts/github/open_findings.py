#!/usr/bin/env python3
"""Writes a SARIF file without the findings that are waived: GitHub's code scanning shows suppressed ones as open.

scripts/github/open_findings.py build/scan.sarif build/open.sarif
"""

import json
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print("usage: open_findings.py SARIF OPEN", file=sys.stderr)
        return 2
    source, target = map(Path, arguments)
    try:
        report = json.loads(source.read_bytes())
        for run in report["runs"]:
            run["results"] = [result for result in run["results"] if not result.get("suppressions")]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"open-findings: {source} can't be read: {error}", file=sys.stderr)
        return 2
    target.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
