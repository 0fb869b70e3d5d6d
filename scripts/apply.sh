#!/usr/bin/env bash
# Applies the plan that was reviewed, and nothing else: without a verdict on exactly this plan file, or when the state
# has moved on since, nothing is changed. An applied plan is spent, and removed.
# usage: scripts/apply.sh ENVIRONMENT
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/stack.sh

[ -f "$plan" ] || fail "there is no plan of $name; make plan ENV=$name" 2
python3 scripts/verdict.py check "$plan"
# the providers that planned
initialise -lockfile=readonly
say "$name: applying the reviewed plan"
terraform -chdir="$stack" apply -no-color -input=false "$plan" 2>&1 | tee -a "$log" |
  { grep --line-buffered -E '^(aws_|Apply complete)' || true; } || fail_as_logged apply
rm -f "$plan" "$plans/$name.verdict" "$plans/$name.json"
