"""The settings reference: every field of every settings class that an environment can hold, read off the classes.

Walks from ``MonitoringSettings``, so a new settings class is found by itself. What a value must be like comes from the
field's type and bounds, what it means from its docstring, and AWS's page on a limit from wherever the code cites it.
Putting the tables into ``docs/settings.md`` is left to ``make docs``.
"""

import ast
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import date, time
from enum import Enum
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen, MultipleOf
from pydantic import AfterValidator, EmailStr
from pydantic.fields import FieldInfo

from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.validation import AT_LEAST_ONE, EACH_ONCE, Matching, Settings

_PACKAGE = "cloudtrail_monitoring"
_OR_NONE = " or `None`"
_MOST_SHOWN = 8
"""Values of a default; of a longer one the number is told."""
_WORDS: Mapping[object, str] = {
    bool: "`True` or `False`",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    time: "a time of day",
    date: "a date",
    EmailStr: "an e-mail address",
}
_SITES = {"docs.aws.amazon.com": "AWS", "aws.amazon.com": "AWS", "docs.github.com": "GitHub", "github.blog": "GitHub"}
_CODE_OR_ADDRESS = re.compile(r"``(?P<code>[^`]+)``|(?P<address>https://[^\s)]*[^\s).,;:])|(?P<one>`[^`]+`)")


def tables() -> str:
    """A section for each settings class, as Markdown; the environment's own comes first."""
    return "\n\n".join(_section(model) for model in settings_classes())


def settings_classes() -> list[type[Settings]]:
    """Every settings class that can stand in an environment, each once, where its first field stands."""
    found: list[type[Settings]] = []
    todo: list[type[Settings]] = [MonitoringSettings]
    while todo:
        model = todo.pop(0)
        if model not in found:
            found.append(model)
            inner = [one for hint in _hints(model).values() for one in _leaves(hint)]
            todo = [one for one in inner if inspect.isclass(one) and issubclass(one, Settings)] + todo
    return found


def _section(model: type[Settings]) -> str:
    about = _prose(_opening(model))
    lines = [f"## {model.__name__}", "", *([about, ""] if about else [])]
    lines += ["```python", f"from {model.__module__} import {model.__name__}", "```", ""]
    lines += ["| field | value | default | what it is |", "|---|---|---|---|"]
    hints = _hints(model)
    for name, field in model.model_fields.items():
        lines.append(
            f"| `{name}` | {_value(field, hints[name])} | {_default(field)} | {_meaning(field, hints[name])} |"
        )
    return "\n".join(lines)


def _hints(model: type[Settings]) -> dict[str, Any]:
    hints = get_type_hints(model, include_extras=True)
    return {name: hints[name] for name in model.model_fields}


def _opening(documented: type) -> str:
    """The first paragraph of a class's own docstring, without its example."""
    return " ".join((documented.__dict__.get("__doc__") or "").partition("\n\n")[0].partition(">>>")[0].split())


def _leaves(hint: object) -> Iterator[object]:
    """The types that a type is made of, itself included."""
    yield hint
    for part in get_args(hint):
        if get_origin(hint) is not Literal:
            yield from _leaves(part)


def _value(field: FieldInfo, hint: Any) -> str:
    """What the field's value must be, with its bounds: pydantic keeps those of the outermost type with the field."""
    parts = get_args(hint)
    words = _annotated_words(parts[0], parts[1:]) if get_origin(hint) is Annotated else _words(hint)
    # bounds are the value's; ``None`` has none
    value, bounds = words.removesuffix(_OR_NONE), _bounds(field.metadata, hint)
    return f"{value}{bounds}{',' if bounds and value != words else ''}{words[len(value) :]}"


def _words(hint: Any) -> str:
    """What a value must be, in words, as Markdown."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return f"{_annotated_words(parts[0], parts[1:])}{_bounds(_flat(parts[1:]), parts[0])}"
    if origin in (Union, UnionType):
        return " or ".join(
            [*(_words(one) for one in parts if one is not NoneType), *(["`None`"] * (NoneType in parts))]
        )
    if origin is Literal:
        return " or ".join(f"`{one!r}`" for one in parts)
    if origin is tuple:
        return f"any number, each {_words(parts[0])}"
    if origin is not None and issubclass(origin, Mapping):
        return f"a mapping, from {_words(parts[0])} to {_words(parts[1])}"
    if inspect.isclass(hint) and issubclass(hint, Settings):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    if inspect.isclass(hint) and issubclass(hint, Enum):
        return f"`{hint.__name__}`: {', '.join(f'`{one.name}`' for one in hint)}"
    return _WORDS.get(hint) or f"`{getattr(hint, '__name__', hint)}`"


def _annotated_words(hint: Any, metadata: tuple[object, ...]) -> str:
    validators = [one.func for one in metadata if isinstance(one, AfterValidator)]
    for told in validators:
        if isinstance(told, Matching):
            return _prose(told.wanted.rstrip(","))
    own = [one for one in validators if one not in (AT_LEAST_ONE.func, EACH_ONCE.func) and one.__doc__]
    if own:
        words = " ".join((own[0].__doc__ or "").partition("\n\n")[0].split()).rstrip(".")
        return _prose(words[:1].lower() + words[1:])
    words = _words(hint)
    if AT_LEAST_ONE in metadata:
        words = words.replace("any number", "one or more", 1)
    return words.replace(", each ", ", none twice, each ", 1) if EACH_ONCE in metadata else words


def _flat(metadata: tuple[object, ...]) -> list[object]:
    """Bounds that stand within a ``Field(...)``, too."""
    return [inner for one in metadata for inner in (one.metadata if isinstance(one, FieldInfo) else [one])]


def _bounds(metadata: Any, hint: object) -> str:
    least = next((one.ge for one in metadata if isinstance(one, Ge)), None)
    most = next((one.le for one in metadata if isinstance(one, Le)), None)
    told = []
    if least is not None and most is not None:
        told.append(f"{_number(least)} to {_number(most)}")
    elif least is not None:
        told.append(f"{_number(least)} or more")
    elif most is not None:
        told.append(f"{_number(most)} or less")
    told += [f"more than {_number(one.gt)}" for one in metadata if isinstance(one, Gt)]
    told += [f"less than {_number(one.lt)}" for one in metadata if isinstance(one, Lt)]
    told += [f"a multiple of {_number(one.multiple_of)}" for one in metadata if isinstance(one, MultipleOf)]
    things = " characters" if next(_leaves_of_text(hint), None) else ""
    shortest = next((one.min_length for one in metadata if isinstance(one, MinLen)), 0)
    longest = next((one.max_length for one in metadata if isinstance(one, MaxLen)), None)
    if longest is not None:
        told.append(
            f"{_number(shortest)} to {_number(longest)}{things}" if shortest else f"up to {_number(longest)}{things}"
        )
    return "".join(f", {one}" for one in told)


def _leaves_of_text(hint: object) -> Iterator[object]:
    """`str`, where the value itself is text and not a collection of texts."""
    parts = get_args(hint)
    if hint is str:
        yield hint
    elif get_origin(hint) in (Annotated, Union, UnionType):
        for part in parts:
            yield from _leaves_of_text(part)


def _number(value: Any) -> str:
    """With commas from five digits on, so that a year stays a year."""
    return f"{value:,}" if value >= 10_000 else f"{value}"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, tuple | list | dict) and len(value) > _MOST_SHOWN:
        kinds = sorted({type(one).__name__ for one in value})
        return f"{len(value)} of `{'`, `'.join(kinds)}`"
    return f"`{_source(value)}`".replace("|", "\\|")


def _source(value: object) -> str:
    """A value as an environment's file would write it."""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, Settings):
        changed = {name: getattr(value, name) for name in type(value).model_fields}
        defaults = {name: one.get_default(call_default_factory=True) for name, one in type(value).model_fields.items()}
        given = ", ".join(f"{name}={_source(one)}" for name, one in changed.items() if one != defaults[name])
        return f"{type(value).__name__}({given})"
    if isinstance(value, tuple):
        return f"({', '.join(map(_source, value))}{',' * (len(value) == 1)})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_source(key)}: {_source(one)}' for key, one in value.items())}}}"
    return repr(value)


def _meaning(field: FieldInfo, hint: object) -> str:
    """The field's docstring, or its type's; and of its types, what cites a source."""
    told = [field.description] if field.description else []
    for leaf in _leaves(hint):
        if inspect.isclass(leaf) and issubclass(leaf, Settings):
            # it has a section of its own, with the sources of its fields
            known = "" if told else _opening(leaf)
        elif inspect.isclass(leaf) and issubclass(leaf, Enum):
            known = _opening(leaf)
        else:
            known = _documented(leaf)
        if known and known not in told and (not told or "https://" in known):
            told.append(known)
    return " ".join(_prose(" ".join(one.split())) for one in told)


def _documented(hint: object) -> str:
    """The docstring below an alias such as ``BucketName``."""
    if get_origin(hint) not in (Annotated, Literal):
        return ""
    return next((text for alias, text in _aliases() if alias == hint), "")


@cache
def _aliases() -> list[tuple[object, str]]:
    """Every type alias of the package that has a docstring below it, with that docstring."""
    found: list[tuple[object, str]] = []
    for name in sorted(
        {model.__module__ for model in settings_classes()} | {f"{_PACKAGE}.location", f"{_PACKAGE}.validation"}
    ):
        module = sys.modules[name]
        body = ast.parse(inspect.getsource(module)).body
        for statement, below in pairwise(body):
            match statement, below:
                case ast.Assign(targets=[ast.Name(id=alias)]), ast.Expr(value=ast.Constant(value=str(text))):
                    found.append((getattr(module, alias), text))
    return found


def _prose(text: str) -> str:
    """A docstring's text as Markdown that can stand in a table: code, short links, and no accidental markup."""
    parts, at = [], 0
    for found in _CODE_OR_ADDRESS.finditer(text):
        parts.append(re.sub(r"([\\<>*\[\]|])", r"\\\1", text[at : found.start()]))
        if address := found["address"]:
            host = urlsplit(address).hostname or ""
            parts.append(f"[{_SITES.get(host, host)}]({address})")
        else:
            code = found["code"] or found["one"].strip("`")
            parts.append(f"`{code}`".replace("|", "\\|"))
        at = found.end()
    return "".join([*parts, re.sub(r"([\\<>*\[\]|])", r"\\\1", text[at:])])
