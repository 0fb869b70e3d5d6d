"""A section of a report as a plain table, and the same as Markdown and on a terminal."""

from typing import NamedTuple

from rich.table import Table as Grid
from rich.text import Text


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
    rows = [f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in (table.columns, *table.rows)]
    return ["", f"## {table.title}", "", rows[0], f"|{rule}|", *rows[1:]]


def grid(table: Table) -> Grid:
    """The section as Rich draws it; sums stand out."""
    drawn = Grid(title=table.title, title_justify="left", title_style="bold")
    for number, column in enumerate(table.columns):
        drawn.add_column(column, justify="left" if table.is_text(number) else "right", overflow="fold")
    for row in table.rows:
        style = "bold" if is_sum(row) else ""
        drawn.add_row(*(Text(cell.strip("*"), style=style) for cell in row))
    return drawn


def is_sum(row: tuple[str, ...]) -> bool:
    """Whether a row sums up others: its name is set in bold."""
    return row[0].startswith("**")
