"""The requirements as data (``requirements.toml``), what of an output shows each, and the tables of
``docs/requirements.md``.

A requirement is met where all its evidence holds, its files are there, and a test names it: the page can't call built
what is not. Which tests name an id is read from their comments.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cloudtrail_monitoring.governance.compliance.assertion import Seen
from cloudtrail_monitoring.governance.compliance.assessment import Status
from cloudtrail_monitoring.governance.compliance.evidence import evidence_of
from cloudtrail_monitoring.governance.compliance.output import Output

_FILE = Path(__file__).with_name("requirements.toml")
_PACKAGE = "modules/cloudtrail_monitoring"
_CITED = re.compile(r"\bR-([A-Z]{3})-(\d+)(?:(?: to |\.\.)(?:R-\1-)?(\d+))?\b")
_COMMENT = re.compile(r"(?:^|\s)#\s.*$|^\s*\"\"\".*$", re.MULTILINE)
_MOST_NAMED = 3
"""Resources of one type that are named; of more, the number is said."""
_MOST_TESTS = 6
FAMILIES = {
    "TRL": "Trail",
    "ARC": "Archive",
    "EVT": "Events",
    "ALM": "Alarms",
    "QRY": "Queries",
    "DSH": "Dashboard",
    "RSP": "Incident response",
    "CMP": "Compliance",
    "INT": "Integrity",
    "HLT": "Health",
    "CST": "Cost",
    "DEL": "Delivery",
}
"""Headings by the letters of an id, in the page's order."""


@dataclass(frozen=True)
class Requirement:
    """One requirement.

    Args:
        id: such as ``R-TRL-3``.
        title: what is required.
        where: its files below the package; those below ``docs/`` are pages. None where it is not built.
        ruling: how it is built where that does not go without saying, as Markdown.
        beside: why no synthesised resource shows it, where none does.
    """

    id: str
    title: str
    where: tuple[str, ...] = ()
    ruling: str = ""
    beside: str | None = None

    @property
    def family(self) -> str:
        """The letters of the id."""
        return self.id.split("-")[1]

    def files(self, project: Path) -> Iterator[Path]:
        """Its files in a checkout."""
        for one in self.where:
            yield project / one if one.startswith("docs/") else project / _PACKAGE / one


@dataclass(frozen=True)
class ShownRequirement:
    """A requirement in one environment's output and one checkout.

    Args:
        faults: why it is not met.
        seen: the resources that show it.
        tests: the test files that name it, relative to the checkout.
    """

    requirement: Requirement
    faults: tuple[str, ...]
    seen: tuple[Seen, ...]
    tests: tuple[str, ...]

    @property
    def status(self) -> Status:
        """Met, or not."""
        return Status.NOT_MET if self.faults else Status.MET


@cache
def requirements() -> Mapping[str, Requirement]:
    """Every requirement by its id, in the page's order."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        id_: Requirement(id_, one["title"], tuple(one["where"]), one.get("ruling", ""), one.get("beside"))
        for id_, one in data.items()
    }


def shown(
    requirement: Requirement, output: Output, tests: Mapping[str, Sequence[str]], project: Path
) -> ShownRequirement:
    """What of an output and a checkout shows a requirement.

    Args:
        output: an environment's stack.
        tests: files by the ids that they name, as ``files_naming`` finds them.
        project: the checkout.
    """
    judged = [one.assertion.judge(output) for one in evidence_of(requirement.id) if not one.is_option]
    faults = [fault for one in judged for fault in one.faults]
    if not requirement.where and not faults:
        faults.append("not built")
    faults += [f"{one.relative_to(project)} is not there" for one in requirement.files(project) if not one.exists()]
    # a test may name what is not built yet, and proves nothing of it
    naming = tuple(tests.get(requirement.id, ())) if requirement.where else ()
    if not naming and requirement.where:
        faults.append("no test names it")
    return ShownRequirement(requirement, tuple(faults), tuple(one for part in judged for one in part.seen), naming)


def files_naming(project: Path) -> Mapping[str, tuple[str, ...]]:
    """Test files by the ids that their comments and docstrings name, alone or as a range.

    Args:
        project: the checkout; the files are named relative to it.
    """
    found: dict[str, list[str]] = {}
    for path in sorted((project / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        for id_ in dict.fromkeys(one for comment in _COMMENT.findall(text) for one in named_in(comment)):
            found.setdefault(id_, []).append(path.relative_to(project).as_posix())
    return {id_: tuple(files) for id_, files in found.items()}


def named_in(text: str) -> Iterator[str]:
    """The ids in a text, those of a range one by one.

    >>> list(named_in("# R-ALM-1 to R-ALM-3, R-TRL-3"))
    ['R-ALM-1', 'R-ALM-2', 'R-ALM-3', 'R-TRL-3']
    """
    for family, first, last in _CITED.findall(text):
        yield from (f"R-{family}-{number}" for number in range(int(first), int(last or first) + 1))


def tables(all_shown: Sequence[ShownRequirement]) -> str:
    """A heading and a table for each family of requirements, as Markdown."""
    lines = []
    for family, heading in FAMILIES.items():
        rows = [_row(one) for one in all_shown if one.requirement.family == family]
        lines += [
            f"## {heading}",
            "",
            "| id | requirement | status | where, and the ruling | in prod's output | tests |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    return "\n".join(lines[:-1])


def _row(one: ShownRequirement) -> str:
    requirement = one.requirement
    where = ", ".join(f"`{path}`" for path in requirement.where if not path.startswith("docs/"))
    ruling = "; ".join(part for part in (where, requirement.ruling) if part) or "-"
    status = one.status.value if not one.faults else f"**{one.status.value}**: {'; '.join(dict.fromkeys(one.faults))}"
    resources = _resources(one.seen) or requirement.beside or "-"
    cells = (requirement.id, requirement.title, status, ruling, resources, _tests(one.tests))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _tests(files: Sequence[str]) -> str:
    links = ", ".join(f"[{Path(path).stem.removeprefix('test_')}](../{path})" for path in files[:_MOST_TESTS])
    return (links or "-") + (f" and {len(files) - _MOST_TESTS} more" if len(files) > _MOST_TESTS else "")


def _resources(seen: Sequence[Seen]) -> str:
    """The resources by type, a few by the path of their construct, more by their number."""
    by_type: dict[str, dict[str, str]] = {}
    for one in seen:
        has_path = one.path != one.address
        type_ = one.address.partition(".")[0] if has_path else one.address.partition("[")[0]
        by_type.setdefault(type_, {})[one.address] = one.path if has_path else ""
    return "<br>".join(f"`{type_}`{_few(list(paths.values()))}" for type_, paths in by_type.items())


def _few(paths: Sequence[str]) -> str:
    named = [path for path in paths if path]
    if named and len(named) <= _MOST_NAMED:
        return f" {', '.join(named)}"
    return f" × {len(paths)}" if len(paths) > 1 else ""
