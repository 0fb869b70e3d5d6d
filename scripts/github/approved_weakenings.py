#!/usr/bin/env python3
"""Which weakenings of a pull request count as approved: the ids of its ``approve:ID`` labels that the right people set.

Reads what GitHub's API answered from standard input (``approvals.sh`` asks), and prints the ids, one a line. A label
counts if it is there, was not taken off since, and if whoever set it last is a person with the role maintain or admin
who has no hand in the change: neither its author, nor author or committer of one of its commits, nor anybody who
pushed one. What can't be told from the answers counts as no.

An id names one change of one resource, so an approval holds for no later, other change.

    {"pull_request": {…}, "commits": […], "events": […], "activity": […], "permissions": {"LOGIN": {…}}}

API: https://docs.github.com/en/rest/issues/events, https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request,
https://docs.github.com/en/rest/repos/repos#list-repository-activities,
https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
"""

import json
import re
import sys
from collections.abc import Mapping
from typing import Any

LABEL = re.compile(r"approve:([A-Za-z0-9][A-Za-z0-9._-]*)")
"""GitHub allows a label 50 characters, so an id has at most 42."""
ROLES = {"maintain", "admin"}
MOVES_A_BRANCH = {"branch_creation", "force_push", "merge_queue_merge", "pr_merge", "push"}


class Untold(Exception):
    """The answers do not tell who had a hand in the change; ``str()`` is one line."""


def approved(answers: Mapping[str, Any]) -> list[str]:
    """The ids that count as approved.

    Raises:
        Untold: not all commits are known, or not who pushed the newest.
    """
    present = {label["name"] for label in answers["pull_request"]["labels"]}
    setters = {label: actor for label, actor in _last_setters(answers["events"]).items() if label in present}
    if not setters:
        return []
    involved = involved_in(answers)
    return sorted(
        match[1]
        for label, actor in setters.items()
        if (match := LABEL.fullmatch(label))
        and actor is not None
        and actor["type"] == "User"
        and actor["login"] not in involved
        and _role(answers["permissions"].get(actor["login"])) in ROLES
    )


def involved_in(answers: Mapping[str, Any]) -> set[str]:
    """The logins of everybody who had a hand in the change.

    Raises:
        Untold: as ``approved``.
    """
    pull, commits = answers["pull_request"], answers["commits"]
    if len(commits) != pull["commits"]:
        # the API lists 250 at most
        raise Untold(f"only {len(commits)} of {pull['commits']} commits are known: make it smaller")
    known = {commit["sha"] for commit in commits}
    # whoever wrote a commit is what it says; who pushed it, GitHub knows
    pushes = [
        move for move in answers["activity"] if move["activity_type"] in MOVES_A_BRANCH and move["after"] in known
    ]
    if not any(move["after"] == pull["head"]["sha"] and move["actor"] for move in pushes):
        raise Untold(f"GitHub does not say who pushed {pull['head']['sha']}")
    people = [pull["user"], *(move["actor"] for move in pushes)]
    people += [commit[part] for commit in commits for part in ("author", "committer")]
    return {person["login"] for person in people if person}


def _last_setters(events: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any] | None]:
    """Who set each label last; the API lists the oldest event first.

    A label that was taken off has nobody: it could come back by another label's being renamed, which is no event.
    """
    setters: dict[str, Mapping[str, Any] | None] = {}
    for event in events:
        if event["event"] in ("labeled", "unlabeled") and LABEL.fullmatch(event["label"]["name"]):
            setters[event["label"]["name"]] = event["actor"] if event["event"] == "labeled" else None
    return setters


def _role(permission: Mapping[str, Any] | None) -> str | None:
    if permission is None:
        return None
    # a custom role has a name of its own; what it is based on stands in `permission`
    return "admin" if permission["permission"] == "admin" else permission["role_name"]


def main() -> int:
    try:
        answers = json.load(sys.stdin)
        ids = approved(answers)
    except Untold as reason:
        print(f"approvals: none counts: {reason}", file=sys.stderr)
        return 0
    except (ValueError, KeyError, TypeError) as error:
        print(f"approvals: GitHub's answers can't be read: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    print("\n".join(ids), end="\n" if ids else "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
