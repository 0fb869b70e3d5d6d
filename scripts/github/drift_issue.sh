#!/usr/bin/env bash
# Keeps one issue open while something has drifted: made or brought up to date from the reports, closed when all is well.
# usage: scripts/github/drift_issue.sh FOLDER   (with GH_TOKEN, GITHUB_REPOSITORY, and CLEAN=true or false: whether every
# environment was looked at and found as it should be; issues: write)
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. scripts/github/markdown.sh
issues=repos/${GITHUB_REPOSITORY:?}/issues
marker='<!-- cloudtrail-monitoring: drift -->'

ours=$(gh api --paginate --slurp "$issues?state=open&creator=github-actions%5Bbot%5D&per_page=100" | own_id "$marker")
if [ "${CLEAN:?}" = true ]; then
  [ -z "$ours" ] || gh api --silent --method PATCH "$issues/$ours" -f state=closed -f state_reason=completed
  exit 0
fi
# a run that failed before it could look says nothing about drift
[ -n "$(find "${1:?}" -name '*.md' 2> /dev/null)" ] || { echo "drift-issue: no report to tell of; the run's log says why" >&2; exit 0; }
body=$(joined "$marker" "$1")
if [ -n "$ours" ]; then
  patch "$issues/$ours" PATCH "$body"
else
  patch "$issues" POST "$body" "What is deployed is not what is written"
fi
