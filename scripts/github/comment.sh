#!/usr/bin/env bash
# Puts Markdown files into the one comment of a pull request that these workflows write, made or brought up to date.
# usage: scripts/github/comment.sh NUMBER FOLDER…   (with GH_TOKEN and GITHUB_REPOSITORY; pull-requests: write)
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. scripts/github/markdown.sh
number=${1:?usage: scripts/github/comment.sh NUMBER FOLDER…}
comments=repos/${GITHUB_REPOSITORY:?}/issues/$number/comments

body=$(joined '<!-- cloudtrail-monitoring: plan review -->' "${@:2}")
ours=$(gh api --paginate --slurp "$comments?per_page=100" | own_id "$body")
if [ -n "$ours" ]; then
  patch "repos/$GITHUB_REPOSITORY/issues/comments/$ours" PATCH "$body"
else
  patch "$comments" POST "$body"
fi
