"""A review as Markdown for a pull request: the verdict, what weakens, what changes, in that order.

Whoever writes a change also writes the names and values in its plan, so all of them are escaped: none can pass for a
line of the review, a link or a mention.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from cloudtrail_monitoring.governance.plan_review.differences import Difference, differences
from cloudtrail_monitoring.governance.plan_review.plan import Action, Change
from cloudtrail_monitoring.governance.plan_review.review import Review, Weakening
from cloudtrail_monitoring.governance.plan_review.rule import shown
from cloudtrail_monitoring.governance.plan_review.rules import RULES
from cloudtrail_monitoring.simulation.printable_text import printable

MAX_CHARACTERS = 9_000
"""GitHub takes 65,536 characters in a comment, and one comment holds the reviews of six stacks."""
_MOST_FOR_WEAKENINGS = 5_000
_MOST_FOR_MENDED = 1_500
_MOST_IN_A_SPAN = 400
"""Characters of one value, sentence or address: a longer one would push out the others."""
_MOST_DIFFERENCES = 12
_PARTS = {
    "archive": "archive",
    "trail": "trail",
    "trail-key": "trail's key",
    "enhanced-trail": "enhanced trail",
    "topics": "topics",
    "alarms": "filters and alarms",
    "root-activity": "root alerts",
    "urgent": "urgent rules",
    "evidence": "evidence",
    "responders": "responders",
    "guard-rails": "guard rails",
    "state": "state",
    "access-logs": "state's access logs",
    "deployment-roles": "deployment roles",
}
"""What the first word of an address stands for in a stack of ours."""
_OTHER = "other"
_ACTIONS = {
    Action.CREATE: "created",
    Action.UPDATE: "changed",
    Action.REPLACE: "replaced",
    Action.DELETE: "destroyed",
    Action.FORGET: "let go of",
    Action.NOTHING: "unchanged",
}
_ORDER = {rule.id: position for position, rule in enumerate(RULES)}
"""The trail and its archive first."""
_BACKTICKS = re.compile("`+")


def write_markdown(review: Review) -> str:
    """The review as GitHub-flavoured Markdown, about ``MAX_CHARACTERS`` long at most; what is left out is counted."""
    head = "\n".join([*_headline(review), *_weakenings(review), *_mended(review), *_counts(review)])
    return f"{head}\n{_changes(review, MAX_CHARACTERS - len(head))}"


def _headline(review: Review) -> Iterator[str]:
    waiting = [one for one in review.weakenings if not one.approved]
    name = _code(review.environment)
    if waiting:
        subject = "1 weakening needs" if len(waiting) == 1 else f"{len(waiting)} weakenings need"
        yield f"### 🔴 {name}: {subject} approval"
    elif review.weakenings:
        yield f"### 🟠 {name}: weakens the audit trail, as approved"
    elif review.mended:
        yield f"### 🟠 {name}: puts back what somebody weakened past Terraform"
    else:
        yield f"### 🟢 {name}: nothing weakens the audit trail"
    yield ""
    yield f"{_summary(review.plan.changes)}"
    yield ""


def _summary(changes: Iterable[Change]) -> str:
    counts = Counter(change.action for change in changes)
    told = [
        f"{counts[action]} {word}"
        for action, word in _ACTIONS.items()
        if counts[action] and action is not Action.NOTHING
    ]
    return f"**{', '.join(told)}**, {counts[Action.NOTHING]} unchanged." if told else "**No changes.**"


def _weakenings(review: Review) -> Iterator[str]:
    if review.unused_approvals:
        ids = ", ".join(map(_code, review.unused_approvals))
        yield f"Approved, but nothing in this plan: {ids}."
        yield ""
    if not review.weakenings:
        return
    yield "| | what weakens | where | why it matters |"
    yield "|---|---|---|---|"
    rows = [_row(one) for one in sorted(review.weakenings, key=lambda one: (one.approved, _ORDER.get(one.rule, -1)))]
    kept = _fitting(rows, _MOST_FOR_WEAKENINGS)
    yield from kept
    yield ""
    if len(kept) < len(rows):
        yield f"*{len(rows) - len(kept)} further weakenings do not fit here: `review-plan --json` lists them all.*"
        yield ""
    if any(not one.approved for one in review.weakenings):
        yield "To approve one, somebody else than the author sets the label `approve:` with its id."
        yield ""


def _row(one: Weakening) -> str:
    mark = "approved" if one.approved else "**open**"
    past = " *Done past Terraform already.*" if one.is_drift else ""
    return f"| {mark}<br>{_cell(one.id)} | {_cell(one.sentence)}{past} | {_cell(one.address)} | {_why(one)} |"


def _mended(review: Review) -> Iterator[str]:
    if not review.mended:
        return
    yield "**Found in the account, and put back by this plan.** Who did it?"
    yield ""
    yield "| what was weakened | where | why it matters |"
    yield "|---|---|---|"
    rows = [f"| {_cell(one.sentence)} | {_cell(one.address)} | {_why(one)} |" for one in review.mended]
    kept = _fitting(rows, _MOST_FOR_MENDED)
    yield from kept
    yield ""
    if len(kept) < len(rows):
        yield f"*{len(rows) - len(kept)} further ones do not fit here: `review-plan --json` lists them all.*"
        yield ""


def _why(weakening: Weakening) -> str:
    return f"{weakening.reason} ({weakening.requirement})"


def _counts(review: Review) -> Iterator[str]:
    by_part: dict[str, Counter[Action]] = {}
    for change in review.plan.changes:
        if change.action is not Action.NOTHING:
            by_part.setdefault(_part(change), Counter())[change.action] += 1
    if not by_part:
        return
    used = [action for action in _ACTIONS if any(counts[action] for counts in by_part.values())]
    yield f"| part | {' | '.join(_ACTIONS[action] for action in used)} |"
    yield f"|---|{'--:|' * len(used)}"
    for part, counts in sorted(by_part.items()):
        yield f"| {part} | {' | '.join(str(counts[action] or '') for action in used)} |"
    yield ""


def _changes(review: Review, characters: int) -> str:
    text = ""
    planned = [change for change in review.plan.changes if change.action is not Action.NOTHING or change.moved_from]
    for title, changes in (("What changes", planned), ("What has drifted", review.plan.drift)):
        # what is gone or replaced first: of that most is lost
        in_order = sorted(changes, key=lambda change: (-list(_ACTIONS).index(change.action), change.address))
        told = ["\n".join(_change(review, change)) for change in in_order]
        if told:
            kept = _fitting(told, characters - len(text))
            left_out = [f"- and {len(told) - len(kept)} further ones: see the plan itself"] if kept != told else []
            listed = "\n".join([*kept, *left_out])
            text += f"<details><summary>{title}</summary>\n\n{listed}\n\n</details>\n"
    if review.plan.outputs:
        text += f"\nOutputs that change: {', '.join(map(_code, review.plan.outputs))}.\n"
    return text


def _change(review: Review, change: Change) -> Iterator[str]:
    moved = f", moved from {_code(review.mask(change.moved_from))}" if change.moved_from else ""
    imported = ", which stood before" if change.is_imported else ""
    yield f"- **{_ACTIONS[change.action]}** {_code(review.mask(change.address))}{moved}{imported}"
    found = list(differences(change))
    for one in found[:_MOST_DIFFERENCES]:
        yield f"  - {_difference(review, one)}"
    if len(found) > _MOST_DIFFERENCES:
        yield f"  - and {len(found) - _MOST_DIFFERENCES} more"


def _difference(review: Review, one: Difference) -> str:
    before, after = (_code(review.mask(shown(value))) for value in (one.before, one.after))
    path = _code(review.mask(one.path))
    return f"{path}: {after}" if one.before is None else f"{path}: {before} → {after}"


def _part(change: Change) -> str:
    name = change.address.split("[")[0].rpartition(".")[2]
    return _PARTS.get(name.split("_")[0], _OTHER)


def _code(text: str) -> str:
    """Text from a plan as a code span, on one line: every letter stands for itself."""
    line = printable(" ".join(text.split())) or "nothing"
    line = line if len(line) <= _MOST_IN_A_SPAN else f"{line[: _MOST_IN_A_SPAN - 1]}…"
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(line)), default=0))
    padding = " " if "`" in line else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def _cell(text: str) -> str:
    """The same within a table, where a bar ends the cell unless it is escaped, which a backslash before it undoes."""
    return _code(text).replace("|", "¦" if "\\" in text else "\\|")


def _fitting(texts: Sequence[str], characters: int) -> list[str]:
    """The texts that fit, each with its line break; one that does not makes room for others."""
    kept = []
    for text in texts:
        if len(text) < characters:
            kept.append(text)
            characters -= len(text) + 1
    return kept
