# shellcheck shell=bash
# Sourced by comment.sh and drift_issue.sh: a comment or issue that is known by a marker in its first line.

# https://docs.github.com/en/rest/issues/comments: a body has at most 65,536 characters
longest=60000

# MARKER, and the Markdown files of each FOLDER by name
joined() {
  local marker=$1 text
  text=$(for folder in "${@:2}"; do
    [ ! -d "$folder" ] || find "$folder" -name '*.md' -type f | sort | while read -r file; do cat "$file"; echo; done
  done)
  if [ ${#text} -gt $longest ]; then
    text=${text:0:$longest}$'\n\n'"Cut here: the summary of the workflow run has all of it."
  fi
  printf '%s\n%s\n' "$marker" "$text"
}

# of pages of comments or issues on standard input, the number or id of the one the workflows made with this marker
own_id() {
  jq -r --arg marker "${1%%$'\n'*}" 'first(add[] | select(.user.login == "github-actions[bot]")
    | select((.body // "") | startswith($marker)) | if has("number") then .number else .id end) // empty'
}

# URL METHOD BODY [TITLE]
patch() {
  jq -n --arg body "$3" --arg title "${4:-}" '{$body} + (if $title == "" then {} else {$title} end)' |
    gh api --silent --method "$2" "$1" --input -
}
