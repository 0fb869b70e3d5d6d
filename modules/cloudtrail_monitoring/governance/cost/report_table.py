"""A section of a report as a plain table, and the same as Markdown and on a terminal."""

from typing import NamedTuple

from rich.table import Table as Grid
from rich.text import Text

from cloudtrail_monitoring.responders.investigation.markdown import Verbatim, markdown_text


class Table(NamedTuple):
    """A section of the report; the first column is text, the others stand to the right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: tuple[str, ...] = ()
    """Further columns of text."""

    def is_text(self, column: int) -> bool:
        return column == 0 or self.columns[column] in self.texts


def markdown_table(table: Table) -> list[str]:
    """The lines of a section, its heading included."""
    rule = "|".join("---" if table.is_text(number) else "---:" for number in range(len(table.columns)))

    def cells(row: tuple[str, ...]) -> str:
        # names in records are anybody's; figures are ours
        return " | ".join(markdown_text(cell) if table.is_text(number) else cell for number, cell in enumerate(row))

    rows = [f"| {cells(row)} |" for row in (table.columns, *table.rows)]
    return ["", f"## {table.title}", "", rows[0], f"|{rule}|", *rows[1:]]


def grid(table: Table) -> Grid:
    """The section as Rich draws it; sums stand out."""
    drawn = Grid(title=table.title, title_justify="left", title_style="bold")
    for number, column in enumerate(table.columns):
        drawn.add_column(column, justify="left" if table.is_text(number) else "right", overflow="fold")
    for row in table.rows:
        style = "bold" if is_sum(row) else ""
        drawn.add_row(*(Text(plain(cell), style=style) for cell in row))
    return drawn


def sum_of(name: str) -> Verbatim:
    """The name of a row that sums up others."""
    return Verbatim(f"**{name}**")


def is_sum(row: tuple[str, ...]) -> bool:
    """Whether a row sums up others: its name is made so, and not only written in bold."""
    return isinstance(row[0], Verbatim)


def plain(cell: str) -> str:
    """A cell without the marks of Markdown."""
    return cell.strip("*") if isinstance(cell, Verbatim) else cell
