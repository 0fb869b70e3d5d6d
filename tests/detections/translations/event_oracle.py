"""EventBridge's verdict on an event by another way than the library's: all leaves of the event, tried with all rules.

Arrays as AWS's matcher documents them: any element counts, and conditions within one array are met by one element.
Source: https://github.com/aws/event-ruler (README: "JSON Array Matching")
"""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from itertools import product
from typing import Any, NamedTuple

Path = tuple[str, ...]
_SIGNS = {"<": (-1,), "<=": (-1, 0), "=": (0,), ">=": (0, 1), ">": (1,)}


class Leaf(NamedTuple):
    """A value, and which element of each array on the way holds it."""

    path: Path
    value: Any
    elements: dict[Any, int]


def delivers(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    found = list(leaves(event))
    return any(_rule_matches(rule, found) for rule in rules(pattern))


def rules(pattern: Mapping[str, Any], path: Path = ()) -> list[list[tuple[Path, Any]]]:
    """The rules that a pattern comes to without ``$or`` and lists, each a list of one matcher for each field."""
    parts: list[list[list[tuple[Path, Any]]]] = []
    for name, value in pattern.items():
        if name == "$or":
            parts.append([rule for one in value for rule in rules(one, path)])
        elif isinstance(value, dict):
            parts.append(rules(value, (*path, name)))
        else:
            parts.append([[((*path, name), matcher)] for matcher in value])
    return [[term for rule in chosen for term in rule] for chosen in product(*parts)]


def leaves(value: Any, path: Path = (), elements: dict[Any, int] | None = None) -> Iterator[Leaf]:
    here = elements or {}
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name), here)
    elif isinstance(value, list):
        # An array within an array is another array at the same path.
        for place, inner in enumerate(value):
            array = (path, tuple(here.items()))
            yield from leaves(inner, path, {**here, array: place})
    else:
        yield Leaf(path, value, here)


def _rule_matches(rule: list[tuple[Path, Any]], found: list[Leaf]) -> bool:
    missing = [path for path, matcher in rule if matcher == {"exists": False}]
    if any(leaf.path in missing for leaf in found):
        return False
    wanted = [
        [leaf for leaf in found if leaf.path == path and fits(matcher, leaf.value)]
        for path, matcher in rule
        if matcher != {"exists": False}
    ]
    return any(_together(chosen) for chosen in product(*wanted))


def _together(chosen: tuple[Leaf, ...]) -> bool:
    places: dict[Any, int] = {}
    return all(places.setdefault(array, place) == place for leaf in chosen for array, place in leaf.elements.items())


def fits(matcher: Any, value: Any) -> bool:
    if not isinstance(matcher, dict):
        same_type = isinstance(matcher, bool) is isinstance(value, bool)
        return same_type and isinstance(matcher, str) is isinstance(value, str) and matcher == value
    ((operator, operand),) = matcher.items()
    if operator == "exists":
        return bool(operand)
    if operator == "anything-but":
        return not any(fits(one, value) for one in _excluded(operand))
    if operator == "numeric":
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        pairs = zip(operand[::2], operand[1::2], strict=True)
        return is_number and all((value > n) - (value < n) in _SIGNS[sign] for sign, n in pairs)
    return isinstance(value, str) and _text_fits(operator, operand, value)


def _text_fits(operator: str, operand: Any, value: str) -> bool:
    if isinstance(operand, dict):
        return _text_fits(operator, operand["equals-ignore-case"].lower(), value.lower())
    if operator == "cidr":
        return re.fullmatch(r"[0-9.]+", value) is not None and ip_address(value) in ip_network(operand)
    if operator == "wildcard":
        parts = re.split(r"(\\.|\*)", operand)
        expression = "".join(".*" if part == "*" else re.escape(re.sub(r"^\\", "", part)) for part in parts)
        return re.fullmatch(expression, value, re.DOTALL) is not None
    tests = {
        "prefix": value.startswith(operand),
        "suffix": value.endswith(operand),
        "equals-ignore-case": value.lower() == operand.lower(),
    }
    return tests[operator]


def _excluded(operand: Any) -> list[Any]:
    if isinstance(operand, dict):
        ((operator, texts),) = operand.items()
        return [{operator: text} for text in (texts if isinstance(texts, list) else [texts])]
    return operand if isinstance(operand, list) else [operand]
