#!/usr/bin/env bash
# Asks GitHub which weakenings are approved, as approved_weakenings.py judges: ids=… for the steps that follow.
# usage: scripts/github/approvals.sh pull NUMBER    of a pull request
#        scripts/github/approvals.sh commit SHA     of the pull requests that were merged with a commit
# (with GH_TOKEN and GITHUB_REPOSITORY; pull-requests: read and contents: read)
set -euo pipefail
# a failing question is no answer
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
fail() { echo "approvals: $1" >&2; exit "${2:-1}"; }
[ $# -eq 2 ] || fail "usage: scripts/github/approvals.sh pull NUMBER, or commit SHA" 2
repository=repos/${GITHUB_REPOSITORY:?}

all() { gh api --paginate --slurp "$1" | jq 'add // []'; }

answers_on() {
  local pull events commits activity head login permissions='{}'
  pull=$(gh api "$repository/pulls/$1")
  events=$(all "$repository/issues/$1/events?per_page=100")
  commits=$(all "$repository/pulls/$1/commits?per_page=100")
  head=$(jq -r '.head.ref | @uri' <<< "$pull")
  activity=$(all "$repository/activity?ref=refs%2Fheads%2F$head&per_page=100")
  while read -r login; do
    permissions=$(gh api "$repository/collaborators/$login/permission" |
      jq --arg login "$login" --argjson known "$permissions" '$known + {($login): {permission, role_name}}')
  done < <(jq -r 'map(select(.event == "labeled" and .actor.type == "User" and (.label.name | startswith("approve:")))
                   | .actor.login) | unique[]' <<< "$events")
  # a description may be longer than an argument
  jq -n --argjson permissions "$permissions" --slurpfile pull <(echo "$pull") --slurpfile events <(echo "$events") \
    --slurpfile commits <(echo "$commits") --slurpfile activity <(echo "$activity") \
    '{pull_request: $pull[0], $permissions, events: $events[0], commits: $commits[0], activity: $activity[0]}'
}

case $1 in
  pull) numbers=$2 ;;
  commit)
    numbers=$(gh api "$repository/commits/$2/pulls" | jq -r '.[] | select(.merged_at != null) | .number') ;;
  *) fail "$1 is neither pull nor commit" 2 ;;
esac

ids=
for number in $numbers; do
  answers=$(answers_on "$number")
  ids="$ids $(python3 scripts/github/approved_weakenings.py <<< "$answers" | paste -sd ' ' -)"
done
ids=$(xargs <<< "$ids")
echo "approvals: ${ids:-none}" >&2
echo "ids=$ids" >> "${GITHUB_OUTPUT:-/dev/stdout}"
