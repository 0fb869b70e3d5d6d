"""``make bench``: what the project costs, as ratios within one run; absolute figures mean nothing on a shared machine.

Parts: ``synthesis`` (of environments), ``matching`` (records against detections, and parsing them), ``memory`` (of
``simulate``), ``responders`` (importing their functions, and the router); all of them if none is named.
"""

import argparse
from pathlib import Path

from rich.console import Console

from benchmarks.matching_times import report_matching
from benchmarks.recorded import Recorded
from benchmarks.responder_functions import report_functions
from benchmarks.simulation_memory import report_memory
from benchmarks.synthesis_times import report_synthesis
from cloudtrail_monitoring.simulation.records import RecordsError

PARTS = ("matching", "memory", "responders", "synthesis")

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(PARTS)}; all if none")
    parser.add_argument("--runs", type=int, default=4, help="runs of each, the shortest counts (the slowest: fewer)")
    parser.add_argument("--records", type=Path, help="CloudTrail records to measure with, in place of the corpus")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if options.runs < 1:
        parser.error("--runs must be 1 at least")
    console = Console()
    wanted = options.parts or PARTS
    try:
        recorded = Recorded.of(options.records)
    except RecordsError as error:
        parser.error(str(error))
    if "matching" in wanted:
        report_matching(console, options.runs, recorded)
    if "memory" in wanted:
        report_memory(console, recorded)
    if "responders" in wanted:
        report_functions(console, options.runs)
    if "synthesis" in wanted:
        report_synthesis(console, options.runs)
