#!/usr/bin/env bash
# Builds the site of docs/ and checks every link of it; asks the network nothing. Warnings are errors.
# usage: scripts/docs-site.sh [FOLDER]   (build/site)
set -euo pipefail
cd "$(dirname "$0")/.."
site=${1:-build/site}
# Sphinx keeps what an earlier build left there
rm -rf "$site"
python -m sphinx -b html -d "$site/.doctrees" -E -a -n -W --keep-going -q docs "$site"
rm -rf "$site"/{.doctrees,.buildinfo,objects.inv,_sources}
python scripts/site_links.py "$site"
