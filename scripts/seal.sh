#!/usr/bin/env bash
# Hands files from one job to the next that nobody else may read: a tar archive, encrypted and protected against changes
# by a passphrase (AES-256; GnuPG checks its integrity when it opens it).
# usage: scripts/seal.sh close FILE PATH…   the paths, within this folder, into FILE
#        scripts/seal.sh open FILE PATH…    exactly these paths out of FILE, in place of what is there
# (with ARTIFACT_PASSPHRASE)
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { echo "seal: $1" >&2; exit "${2:-1}"; }

command=${1:-}; file=${2:-}; shift 2 || true
[ $# -gt 0 ] || fail "usage: scripts/seal.sh close|open FILE PATH…" 2
[ -n "${ARTIFACT_PASSPHRASE:-}" ] || fail "ARTIFACT_PASSPHRASE is not set (a secret of the repository; forks have none)" 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077
mkdir "$work/gnupg" "$work/opened"

gnupg() {
  gpg --homedir "$work/gnupg" --batch --yes --quiet --no-symkey-cache --pinentry-mode loopback --passphrase-fd 3 "$@" \
    3<<< "$ARTIFACT_PASSPHRASE" 2> "$work/messages"
}

case $command in
  close)
    for path; do [ -e "$path" ] || fail "there is no $path to seal"; done
    mkdir -p "$(dirname "$file")"
    # Terraform fetches its providers again
    tar --create --exclude=.terraform -- "$@" |
      gnupg --symmetric --cipher-algo AES256 --s2k-mode 3 --s2k-digest-algo SHA512 --s2k-count 65011712 \
        --output "$file.part" || fail "$file can't be written: $(tail -n 1 "$work/messages")"
    mv "$file.part" "$file"
    ;;
  open)
    # opened as a whole first: nothing is taken from an archive that somebody has changed
    gnupg --decrypt --output "$work/archive.tar" "$file" || fail "$file can't be opened: the passphrase is another one, or the file was changed"
    tar --extract -m --file "$work/archive.tar" --directory "$work/opened" --no-same-owner -- "$@" 2> /dev/null ||
      fail "$file does not hold $*"
    # a link would lead what is written next elsewhere
    [ -z "$(find "$work/opened" ! -type f ! -type d -print -quit)" ] || fail "$file holds something that is neither a file nor a folder"
    for path; do
      rm -rf "$path"
      mkdir -p "$(dirname "$path")"
      mv "$work/opened/$path" "$path"
    done
    ;;
  *) fail "usage: scripts/seal.sh close|open FILE PATH…" 2 ;;
esac
