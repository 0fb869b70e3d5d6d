#!/usr/bin/env bash
# Reviews the plan that plan.sh made: build/plans/NAME.md for people, NAME.review.json for programs, and NAME.verdict,
# without which apply.sh applies nothing. The verdict holds for exactly this plan file.
# usage: scripts/review.sh ENVIRONMENT   (APPROVED="id id": weakenings that somebody has approved)
# exit status: 0 nothing weakened, or all of it approved; 3 needs approval; 2 the plan can't be reviewed
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/stack.sh

rm -f "$plans/$name.verdict"
{ [ -f "$plan" ] && [ -f "$plans/$name.json" ]; } || fail "there is no plan of $name; make plan ENV=$name" 2
read -ra ids <<< "${APPROVED:-}"
options=()
for id in ${ids[@]+"${ids[@]}"}; do options+=(--approved "$id"); done

status=0
cloudtrail-monitoring review-plan "$plans/$name.json" --environment "$name" --markdown "$plans/$name.md" \
  --json "$plans/$name.review.json" ${options[@]+"${options[@]}"} || status=$?
case $status in
  0) [ ${#ids[@]} -eq 0 ] && outcome=safe || outcome=approved ;;
  3) outcome=needs-approval ;;
  *) fail "the plan of $name can't be reviewed" 2 ;;
esac
python3 scripts/verdict.py write "$plan" "$outcome" ${ids[@]+"${ids[@]}"}
# on GitHub the review stands in the job's summary, where it is read before a deployment is approved
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$plans/$name.md" >> "$GITHUB_STEP_SUMMARY"
say "$name: $outcome; $plans/$name.md says what changes"
exit "$status"
