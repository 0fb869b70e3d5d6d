#!/usr/bin/env bash
# Tells whether what is deployed is still what was deployed and what is written: a refresh-only plan and a plan must
# both be empty. Changes nothing. What differs is reviewed into build/plans/NAME.drift.md.
# usage: scripts/drift.sh ENVIRONMENT   (LOCK=false for a role that may not write the state's lock file)
# exit status: 0 no drift; 1 drift, or it can't be told
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/stack.sh

# KIND, then options of Terraform: if something differs, its review is added to the report
difference() {
  local kind=$1 status=0 found
  terraform_in_stack plan -input=false -lock="${LOCK:-true}" -detailed-exitcode -out="$plans/$name.$kind.tfplan" "${@:2}" ||
    status=$?
  [ "$status" -ne 0 ] || return 0
  [ "$status" -eq 2 ] || fail_as_logged plan
  show_as_json "$plans/$name.$kind.tfplan" "$plans/$name.$kind.json"
  cloudtrail-monitoring review-plan "$plans/$name.$kind.json" --environment "$name" --markdown "$plans/$name.$kind.md" \
    --json "$plans/$name.$kind.review.json" || [ $? -eq 3 ] || fail "the drift of $name can't be reviewed"
  # a refresh-only plan also ends with 2 for what the provider only read late, which is nobody's doing
  found=$(python3 -c 'import json, sys; told = json.load(sys.stdin); print(told["changes"] + len(told["drifted"]))' \
    < "$plans/$name.$kind.review.json")
  [ "$found" -gt 0 ] || return 0
  cat "$plans/$name.$kind.md" >> "$report"
}

[ -f "$output/manifest.json" ] || make --no-print-directory synth
report=$plans/$name.drift.md
rm -f "$report" "$plans/$name".changed-outside.* "$plans/$name".not-as-written.*
initialise
difference changed-outside -refresh-only
difference not-as-written
if [ -f "$report" ]; then
  [ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$report" >> "$GITHUB_STEP_SUMMARY"
  fail "$name: what is deployed is not what is written; $report says how"
fi
say "$name: no drift"
