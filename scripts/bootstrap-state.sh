#!/usr/bin/env bash
# From nothing to remote state: makes the state bucket of an environment with local state, then moves that state into
# the bucket. Does nothing to a bucket that stands; run again after a failure, it goes on where it stopped.
# usage: scripts/bootstrap-state.sh ENVIRONMENT   (with credentials of that environment's account)
set -euo pipefail
cd "$(dirname "$0")/.."
environment=${1:?usage: scripts/bootstrap-state.sh ENVIRONMENT}
export TF_IN_AUTOMATION=1 TF_INPUT=0

python main.py
stack=${CDKTF_OUTDIR:-cdktf.out}/stacks/state-$environment
[ -f "$stack/cdk.tf.json" ] || { echo "bootstrap-state: there is no environment $environment" >&2; exit 2; }
cd "$stack"

override=bootstrap_override.tf.json
if terraform init -reconfigure >/dev/null 2>&1; then
  echo "bootstrap-state: $environment keeps its state in its bucket already; bringing the bucket up to date"
  terraform apply -auto-approve
  exit 0
fi

echo "bootstrap-state: making the state bucket of $environment, with local state"
trap 'rm -f "$override"' EXIT
echo '{"terraform": {"backend": {"local": {"path": "bootstrap.tfstate"}}}}' > "$override"
terraform init -reconfigure
terraform apply -auto-approve
rm -f "$override"

echo "bootstrap-state: moving the state into the bucket"
terraform init -migrate-state -force-copy
terraform state list >/dev/null
rm -f bootstrap.tfstate bootstrap.tfstate.backup
echo "bootstrap-state: done"
