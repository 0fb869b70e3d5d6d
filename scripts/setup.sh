#!/usr/bin/env bash
# Makes .venv (Python packages, and the Node that CDKTF runs on) and node_modules (the cdktf CLI) match the lock files.
# Does nothing when they already do. Without Terraform it fails; with SETUP_TERRAFORM=optional it warns.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "setup: $*" >&2; exit 2; }
digest() { cat "$@" | cksum; }

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  fail "Python 3.11 or newer is needed, and $python is $("$python" --version 2>&1 || true). Name another one: make setup PYTHON=python3.12"

terraform_fault() {
  command -v terraform >/dev/null || { echo "Terraform 1.10 or newer is needed, and there is no terraform on PATH. Install it: https://developer.hashicorp.com/terraform/install"; return; }
  TF_CLI_CONFIG_FILE=/dev/null terraform version -json | "$python" -c '
import json, sys
version = json.load(sys.stdin)["terraform_version"]
if tuple(int(part) for part in version.split("-")[0].split(".")[:2]) < (1, 10):
    print(f"Terraform 1.10 or newer is needed (for the S3 backend\x27s lock file), and {sys.argv[1]} is {version}.")
' "$(command -v terraform)"
}
fault=$(terraform_fault)
if [ -n "$fault" ]; then
  [ "${SETUP_TERRAFORM:-required}" = optional ] || fail "$fault"
  echo "setup: warning: $fault Deployment tests will be skipped." >&2
fi

if [ ! -x .venv/bin/pipenv ]; then
  echo "setup: making .venv" >&2
  "$python" -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check pipenv
fi

stamp=.venv/.synced
wanted=$(digest Pipfile.lock pyproject.toml)
if [ "$(cat $stamp 2>/dev/null || true)" != "$wanted" ]; then
  echo "setup: installing the locked Python packages" >&2
  PIPENV_VENV_IN_PROJECT=1 PIPENV_VERBOSITY=-1 VIRTUAL_ENV="$PWD/.venv" .venv/bin/pipenv sync --dev >&2
  echo "$wanted" > $stamp
fi

stamp=node_modules/.synced
wanted=$(digest package-lock.json)
if [ "$(cat $stamp 2>/dev/null || true)" != "$wanted" ]; then
  echo "setup: installing the cdktf CLI" >&2
  PATH="$PWD/.venv/bin:$PATH" npm ci --ignore-scripts --no-fund --no-audit --loglevel=error >&2
  echo "$wanted" > $stamp
fi
