#!/usr/bin/env bash
# Locks the newest versions the Pipfile and package.json allow, and takes the registries' addresses out of the locks.
set -euo pipefail
cd "$(dirname "$0")/.."
PIPENV_VENV_IN_PROJECT=1 PIPENV_VERBOSITY=-1 VIRTUAL_ENV="$PWD/.venv" .venv/bin/pipenv lock --dev
.venv/bin/python - <<'PY'
import json
import pathlib

path = pathlib.Path("Pipfile.lock")
lock = json.loads(path.read_text())
lock["_meta"]["sources"] = []
for section in ("default", "develop"):
    for package in lock[section].values():
        package.pop("index", None)
path.write_text(json.dumps(lock, indent=4) + "\n")
PY
PATH="$PWD/.venv/bin:$PATH" npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
