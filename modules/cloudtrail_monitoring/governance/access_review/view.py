"""A review as its readers see it: deviations first, principals of the same rights together, one matrix.

Plain data for the templates, the terminal and the JSON; nothing is decided here.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cloudtrail_monitoring.governance.access_review.callers import Caller
from cloudtrail_monitoring.governance.access_review.review import Holding, Review, Verdict
from cloudtrail_monitoring.governance.access_review.rights import Right

_SHOWN_NAMES = 6
_BESIDES = (Verdict.LEFT_TO_IAM, Verdict.UNAVOIDABLE)

LIMITS = (
    "Service control policies, resource control policies and endpoint policies are not looked at: they only take away.",
    "Grants of KMS keys, access points and resource shares are not looked at.",
    "A right counts as held if its policies allow it under some circumstances: with MFA, from an address, for a time.",
)
_OF_OUTPUT = (
    "Made from the synthesised output. What the identity policies of roles outside this stack allow is not known from"
    " it: they are shown as far as this stack's own policies let them, as if they were administrators."
)
_OF_ACCOUNT = (
    "Made from the account: every user and role with all its policies, and the policies of the system's resources as"
    " they are deployed."
)


def view_of(review: Review) -> dict[str, Any]:
    """What the templates are given."""
    callers = {one.name: one for one in review.callers}
    rows = _matrix(review)
    return {
        "environment": review.environment,
        "account": review.account_id,
        "at": f"{review.at:%Y-%m-%d %H:%M} UTC",
        "of_account": review.of_account,
        "basis": _OF_ACCOUNT if review.of_account else _OF_OUTPUT,
        "as_meant": review.is_as_meant,
        "figures": figures(review),
        "deviations": deviations(review),
        "differences": [{"part": one.part, "name": one.resource, "text": one.text} for one in review.differences],
        "unjudged": [{"who": who, "policy": name, "why": why} for who, name, why in review.unjudged],
        "parts": [
            {"name": name, "holds": names([one.name for one in resources])}
            for name, resources in review.system.parts.items()
        ],
        "rights": [{"letter": one.letter, "name": one.value, "meaning": one.meaning} for one in Right],
        "rows": rows,
        "without": names([one.name for one in review.callers if one.name not in _holders(review)], most=40),
        "refusals": refusals(review),
        "facts": _facts(callers, review),
        "unreviewed": list(review.system.unreviewed),
        "limits": LIMITS,
        "left_to_iam": any(row["besides"] for row in rows),
    }


def figures(review: Review) -> list[tuple[int, str]]:
    """Counts, with what is counted."""
    excess = {(one.caller, one.part, one.right) for one in review.with_verdict(Verdict.EXCESS)}
    lacks = {(one.caller, one.part, one.right) for one in review.with_verdict(Verdict.LACK)}
    return [
        (len(review.callers), "principals"),
        (len(review.system.parts), "parts"),
        (len(excess), "rights not meant"),
        (len(lacks), "rights missing"),
        *(
            [(len(review.differences), "differences"), (len(review.unjudged), "policies not judged")]
            if review.of_account
            else []
        ),
    ]


def deviations(review: Review) -> list[dict[str, Any]]:
    """One for each right of principals that deviate alike, those with too much first."""
    by_caller: dict[tuple[str, Verdict, Right], list[Holding]] = {}
    for one in review.deviations:
        by_caller.setdefault((one.caller, one.verdict, one.right), []).append(one)
    alike: dict[tuple[Any, ...], list[str]] = {}
    for (caller, verdict, right), held in by_caller.items():
        # by the parts alone: principals differ in the names of their policies
        alike.setdefault((verdict, right, tuple(one.part for one in held)), []).append(caller)
    found = []
    for (verdict, right, parts), callers in alike.items():
        held = by_caller[callers[0], verdict, right]
        found.append(
            {
                "who": names(callers),
                "verdict": verdict.value,
                "is_excess": verdict is Verdict.EXCESS,
                "right": right.value,
                "parts": ", ".join(parts),
                "actions": names(_actions(held)),
                "why": f"{held[0].by}{' (only under conditions)' if all(one.conditional for one in held) else ''}",
                "requirements": ", ".join(dict.fromkeys(one.requirement for one in held)),
            }
        )
    order = list(Right)
    return sorted(found, key=lambda one: (not one["is_excess"], order.index(Right(one["right"])), one["who"]))


def _actions(held: Sequence[Holding]) -> list[str]:
    """Those of every part, each part's first before the others."""
    rounds = itertools.zip_longest(*(one.actions for one in held))
    return list(dict.fromkeys(action for actions in rounds for action in actions if action))


def refusals(review: Review) -> list[dict[str, str]]:
    """What the system's own policies refuse to those whose policies would let them: by right and by statement."""
    by_caller: dict[tuple[str, Right, str], list[str]] = {}
    for one in review.with_verdict(Verdict.REFUSED):
        by = one.sid or "no statement of its policy allows it"
        by_caller.setdefault((one.caller, one.right, by), []).append(one.part)
    alike: dict[tuple[Right, str, tuple[str, ...]], list[str]] = {}
    for (caller, right, by), parts in by_caller.items():
        alike.setdefault((right, by, tuple(parts)), []).append(caller)
    order = list(Right)
    return [
        {"who": names(callers), "right": right.value, "parts": ", ".join(parts), "by": by}
        for (right, by, parts), callers in sorted(alike.items(), key=lambda one: order.index(one[0][0]))
    ]


def names(given: Iterable[str], most: int = _SHOWN_NAMES) -> str:
    """Names one after the other; many are counted.

    >>> names(["a", "b", "c", "d"], most=2)
    'a, b and 2 more'
    """
    listed = list(given)
    more = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {more} more" if more > 0 else "")


def _holders(review: Review) -> dict[str, list[Holding]]:
    found: dict[str, list[Holding]] = {}
    for one in review.held:
        found.setdefault(one.caller, []).append(one)
    return found


def _matrix(review: Review) -> list[dict[str, Any]]:
    """Principals of the same rights in one row; whoever deviates first."""
    groups = {one.name: ", ".join(sorted(one.groups)) for one in review.callers}
    alike: dict[tuple[Any, ...], list[str]] = {}
    for caller, held in _holders(review).items():
        cells = tuple(sorted((one.part, one.right, one.verdict) for one in held))
        alike.setdefault((groups[caller], cells), []).append(caller)
    rows = []
    for (group, cells), callers in alike.items():
        marks: dict[str, dict[str, str]] = {}
        for right in Right:
            for part, held_right, verdict in cells:
                if held_right is right:
                    marks.setdefault(part, {})[right.letter] = _MARKS[verdict]
        rows.append(
            {
                "who": names(callers),
                "group": group,
                "cells": [marks.get(part, {}) for part in review.system.parts],
                "in_words": _in_words(marks, list(review.system.parts)),
                "excess": any("excess" in cell.values() for cell in marks.values()),
                "besides": any("besides" in cell.values() for cell in marks.values()),
            }
        )
    return sorted(rows, key=lambda row: not row["excess"])


_MARKS = {
    Verdict.MEANT: "meant",
    Verdict.EXCESS: "excess",
    **dict.fromkeys(_BESIDES, "besides"),
}


def _in_words(marks: Mapping[str, Mapping[str, str]], parts: Sequence[str]) -> list[tuple[str, str]]:
    """Parts by what can be done to them: "rw!(cs)" is read, write not meant, and the rest left to IAM."""
    by_letters: dict[str, list[str]] = {}
    for part in parts:
        if part in marks:
            cell = marks[part]
            plain = "".join(f"{letter}{'!' * (mark == 'excess')}" for letter, mark in cell.items() if mark != "besides")
            besides = "".join(letter for letter, mark in cell.items() if mark == "besides")
            by_letters.setdefault(f"{plain}{f'({besides})' if besides else ''}", []).append(part)
    return [(letters, ", ".join(held)) for letters, held in by_letters.items()]


def _facts(callers: Mapping[str, Caller], review: Review) -> list[dict[str, Any]]:
    """Of whoever has a right, and of whom something is known."""
    return [
        {"who": name, "facts": list(callers[name].facts.items())} for name in _holders(review) if callers[name].facts
    ]
