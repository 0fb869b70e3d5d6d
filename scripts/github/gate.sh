#!/usr/bin/env bash
# The one required check of a pull request's plans: passes only if every job before it did. GitHub counts a skipped job
# as passed, and a fork's plan is skipped.
# https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-jobs-with-conditions
# usage: scripts/github/gate.sh   (with NEEDS, the needs context as JSON)
set -euo pipefail
others=$(jq -r 'to_entries[] | select(.value.result != "success") | "\(.key): \(.value.result)"' <<< "${NEEDS:?}")
[ -z "$others" ] || { echo "gate: not everything was planned and reviewed: ${others//$'\n'/, }" >&2; exit 1; }
