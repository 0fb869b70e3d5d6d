"""Whether two policies say the same: order, single values and the spelling of keys don't count, statements do."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_ROOT = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root")
Statement = Mapping[str, Any]


def policy_differences(synthesised: str | None, deployed: str | None) -> Iterator[str]:
    """A line for each statement that is missing, additional or other; none if both say the same.

    >>> one = '{"Statement": {"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}'
    >>> list(policy_differences(one, '{"Statement": []}'))
    ['statement "A" is missing']
    """
    wanted, found = _statements(synthesised), _statements(deployed)
    for sid in sorted(wanted.keys() - found.keys()):
        yield f"statement {sid} is missing"
    for sid in sorted(found.keys() - wanted.keys()):
        yield f"statement {sid} is additional ({found[sid]['effect'][0]} {_shown(found[sid])})"
    for sid in sorted(wanted.keys() & found.keys()):
        elements = wanted[sid].keys() | found[sid].keys()
        other = sorted(one for one in elements if wanted[sid].get(one) != found[sid].get(one))
        if other:
            yield f"statement {sid} has another {', '.join(other)}"


def _statements(document: str | None) -> dict[str, dict[str, Any]]:
    """By Sid; those that have none, and those Lambda and Terraform number, by what they say."""
    given = json.loads(document)["Statement"] if document else []
    found = {}
    for statement in given if isinstance(given, list) else [given]:
        normalised = {name.lower(): _normalised(value) for name, value in statement.items() if name != "Sid"}
        sid = statement.get("Sid", "")
        named = bool(sid) and not sid.startswith("terraform-")
        found[f'"{sid}"' if named else f"without a name on {_shown(normalised)}"] = normalised
    return found


def _shown(statement: Mapping[str, Any]) -> str:
    actions = statement.get("action") or statement.get("notaction") or ()
    return ", ".join(map(str, actions[:3])) + (", …" if len(actions) > 3 else "")


def _normalised(value: Any) -> Any:
    if isinstance(value, Mapping):
        # condition keys have no case; operators and kinds of principals lose nothing by it
        return {key.lower(): _normalised(one) for key, one in value.items()}
    values = value if isinstance(value, list) else [value]
    return sorted(_ROOT.sub(r"\1", str(one).lower() if isinstance(one, bool) else str(one)) for one in values)
