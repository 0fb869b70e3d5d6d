#!/usr/bin/env bash
# What the output would cost more or less than that of a commit: build/cost/ENVIRONMENT.md. The commit is synthesised in
# a folder of its own, with the packages installed here, unless AGAINST names a folder where that has been done.
# usage: scripts/cost-difference.sh ENVIRONMENT [COMMIT]   (COMMIT is main if not given)
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { echo "cost-difference: $1" >&2; exit "${2:-1}"; }

environment=${1:-} commit=${2:-main}
[[ $environment =~ ^[a-z][a-z0-9-]*$ ]] || fail "usage: make cost-difference ENV=prod [BASE=main]" 2
output=${CDKTF_OUTDIR:-cdktf.out}
[ -f "$output/manifest.json" ] || make --no-print-directory synth
[ -f "$output/stacks/$environment/cdk.tf.json" ] || fail "there is no environment $environment in $output" 2

before=${AGAINST:-}
if [ -z "$before" ]; then
  git rev-parse --verify --quiet "$commit^{commit}" > /dev/null || fail "there is no commit $commit" 2
  then=$(mktemp -d)
  trap 'rm -rf "$then"' EXIT
  git archive "$commit" | tar --extract --directory "$then"
  # what is not in git: the database of countries, and whom alerts reach
  ln -s "$PWD/node_modules" "$then/node_modules"
  [ ! -f environments/contacts.toml ] || cp environments/contacts.toml "$then/environments/"
  before=$then/cdktf.out
  (cd "$then" && PYTHONPATH="$then/modules" CDKTF_OUTDIR="$before" python main.py > /dev/null) ||
    fail "$commit can't be synthesised"
fi
mkdir -p build/cost
cloudtrail-monitoring report cost --environment "$environment" --output "$output" --against "$before" \
  --markdown "build/cost/$environment.md"
