"""Synthesises every environment of ``environments/`` to ``cdktf.out/`` (``CDKTF_OUTDIR`` moves it)."""

import sys
from pathlib import Path

from cloudtrail_monitoring.app import synthesise

if __name__ == "__main__":
    sys.exit(synthesise(Path(__file__).parent / "environments"))
