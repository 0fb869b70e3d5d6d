"""The project as the benchmarks run it: its folder, its programs in processes of their own, and their memory."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
CONTACTS = {"CLOUDTRAIL_MONITORING_CONTACTS": str(ROOT / "environments" / "contacts.example.toml")}
_CLI = "from cloudtrail_monitoring.cli import app; app()"

# In between, because a process begins with the peak of the one that started it.
_PEAK_OF = (
    "import resource, subprocess, sys;"
    "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)
_RU_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def run(command: Sequence[str], **variables: str) -> str:
    """Run to the end; what it printed.

    Raises:
        subprocess.CalledProcessError: if it fails.
    """
    environment = {**os.environ, **CONTACTS, **variables}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
    done.check_returncode()
    return done.stdout


def simulate(records: Path, output: Path, *options: str) -> list[str]:
    """The command that runs records through prod's detections."""
    return [sys.executable, "-c", _CLI, "simulate", str(records), "--output", str(output), *options]


def peak_bytes(command: Sequence[str]) -> int:
    """The most memory that a command holds at any time."""
    return int(run([sys.executable, "-c", _PEAK_OF, *command])) * _RU_MAXRSS_UNIT


@contextmanager
def synthesised() -> Iterator[Path]:
    """The output of ``python main.py``, in a folder that is gone afterwards."""
    with TemporaryDirectory() as folder:
        run([sys.executable, "main.py"], CDKTF_OUTDIR=folder)
        yield Path(folder)
