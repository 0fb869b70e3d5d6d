# shellcheck shell=bash
# Sourced by plan.sh, review.sh, apply.sh and drift.sh: the stack that their argument names, where its files are, and
# Terraform run in it. What Terraform prints may hold contacts: it goes into a log that only its owner reads.
task=$(basename "$0" .sh)
name=${1:-}
say() { echo "$task: $*"; }
fail() { echo "$task: $1" >&2; exit "${2:-1}"; }

[[ $name =~ ^[a-z][a-z0-9-]*$ ]] || fail "usage: make $task ENV=prod (or another environment's name)" 2
absolute() { [[ $1 == /* ]] && echo "$1" || echo "$PWD/$1"; }
output=$(absolute "${CDKTF_OUTDIR:-cdktf.out}")
plans=$(absolute "${PLANS_DIR:-build/plans}")
stack=$output/stacks/$name
plan=$plans/$name.tfplan
log=$plans/$name.log
umask 077
mkdir -p "$plans"
export TF_IN_AUTOMATION=1 TF_INPUT=0 CHECKPOINT_DISABLE=1

# Terraform's arguments; its exit status is passed on
terraform_in_stack() { terraform -chdir="$stack" "$@" -no-color >> "$log" 2>&1; }

# the first errors of the log in one line, without contacts
fail_as_logged() {
  local errors
  errors=$(sed -n 's/^[│ ]*Error: //p' "$log" | head -3 | paste -sd ';' - | sed 's/;/; /g' |
    sed -E 's/[^[:space:]"]+@[^[:space:]"]+/(hidden)/g; s/\+[0-9][0-9 -]{5,}/(hidden)/g')
  fail "terraform $1 failed: ${errors:-it does not say why}; all of it is in $log"
}

initialise() {
  [ -f "$stack/cdk.tf.json" ] || fail "there is no stack $name in $output" 2
  : > "$log"
  terraform_in_stack init -input=false "$@" || fail_as_logged init
}

# PLAN as JSON into FILE, or no FILE at all
show_as_json() {
  terraform -chdir="$stack" show -json "$1" > "$2.part" 2>> "$log" || { rm -f "$2.part"; fail_as_logged show; }
  mv "$2.part" "$2"
}
