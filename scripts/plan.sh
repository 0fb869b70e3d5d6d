#!/usr/bin/env bash
# Plans a stack as it is synthesised, and changes nothing: writes build/plans/NAME.tfplan, and NAME.json for the review.
# Synthesises first if there is no output at all. Both files hold contacts.
# usage: scripts/plan.sh ENVIRONMENT   (LOCK=false for a role that may not write the state's lock file)
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/stack.sh

[ -f "$output/manifest.json" ] || make --no-print-directory synth
# nothing of an older plan may be taken for one of this
rm -f "$plans/$name".*
initialise
terraform_in_stack plan -input=false -lock="${LOCK:-true}" -out="$plan" || {
  # Terraform keeps what it had planned until the error
  rm -f "$plan"
  fail_as_logged plan
}
show_as_json "$plan" "$plans/$name.json"
say "$name: $(grep -m 1 -E '^(Plan:|No changes)' "$log" || echo "only outputs change"); it is in $plan"
# on GitHub nobody is asked to approve a deployment of nothing
[ -z "${GITHUB_OUTPUT:-}" ] || echo "changes=$(grep -q '^No changes' "$log" && echo false || echo true)" >> "$GITHUB_OUTPUT"
