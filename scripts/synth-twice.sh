#!/usr/bin/env bash
# Fails unless two synths in a row write the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build
work=$(mktemp -d build/synth-twice.XXXXXX)
trap 'rm -rf "$work"' EXIT
for run in first second; do CDKTF_OUTDIR="$work/$run" python main.py 2>/dev/null; done
diff -r "$work/first" "$work/second" || { echo "synth-twice: two synths in a row differ" >&2; exit 1; }
echo "synth-twice: two synths in a row are byte-identical"
