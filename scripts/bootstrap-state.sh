#!/usr/bin/env bash
# From nothing to remote state: makes the state bucket of an environment with local state, then moves that state into
# the bucket. Changes nothing of a bucket that stands. After a failure run it again: the local state stays in
# build/bootstrap-state until it has been moved, and the script goes on where it stopped.
# usage: scripts/bootstrap-state.sh ENVIRONMENT   (with credentials of that environment's account)
set -euo pipefail
cd "$(dirname "$0")/.."
environment=${1:?usage: scripts/bootstrap-state.sh ENVIRONMENT}
export TF_IN_AUTOMATION=1 TF_INPUT=0

say() { echo "bootstrap-state: $*"; }
fail() { say "$*" >&2; exit 1; }

python main.py
stack=${CDKTF_OUTDIR:-cdktf.out}/stacks/state-$environment
[ -f "$stack/cdk.tf.json" ] || { say "there is no environment $environment" >&2; exit 2; }
local_state=${BOOTSTRAP_DIR:-$PWD/build/bootstrap-state}/$environment.tfstate
override=bootstrap_override.tf.json
cd "$stack"

if [ ! -s "$local_state" ]; then
  if answer=$(terraform init -reconfigure -no-color 2>&1); then
    [ -n "$(terraform state list 2>/dev/null)" ] ||
      fail "the state bucket of $environment stands, but holds no state of it; import the bucket, or bring an older version back: cloudtrail-monitoring state versions --environment $environment --stack state-$environment (docs/state-recovery.md)"
    say "$environment keeps its state in its bucket already"
    changes=0
    terraform plan -detailed-exitcode > /dev/null || changes=$?
    [ "$changes" -ne 2 ] || fail "what is written differs from it: make plan review apply ENV=state-$environment"
    [ "$changes" -eq 0 ] || fail "the state bucket of $environment can't be planned; make plan ENV=state-$environment says why"
    exit 0
  fi
  # Terraform breaks its lines anywhere
  tr -s '[:space:]' ' ' <<< "$answer" | grep -qE 'does not exist|NoSuchBucket' || { echo "$answer" >&2; fail "the state of $environment can't be reached"; }
fi

say "making the state bucket of $environment, with local state"
mkdir -p "$(dirname "$local_state")"
trap 'rm -f "$override"' EXIT
printf '{"terraform": {"backend": {"local": {"path": "%s"}}}}\n' "$local_state" > "$override"
terraform init -reconfigure
terraform apply -auto-approve
rm -f "$override"

say "moving the state into the bucket"
terraform init -migrate-state -force-copy
[ -n "$(terraform state list 2>/dev/null)" ] || fail "the state did not arrive in the bucket; it is still in $local_state"
rm -f "$local_state" "$local_state.backup"
say "done"
