"""The page of the cost report: verdict, charts and tables, without anything from elsewhere (R-CST-1)."""

import re
from pathlib import Path

import pytest

from cloudtrail_monitoring.governance.cost.report_table import Table, grid, markdown_table, sum_of
from tests.governance.cost.test_report_cost import report


@pytest.fixture(scope="module")
def page(synthesised_output: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("cost") / "made" / "cost.html"
    result = report("--output", synthesised_output, "--html", file)
    assert result.exit_code == 0, result.stderr
    return file.read_text(encoding="utf-8")


def test_the_verdict_stands_before_everything_else(page: str) -> None:
    places = [page.index(one) for one in ("within the budget: $", "The archive builds up", "Against the budget")]
    assert places == sorted(places)


def test_both_charts_are_drawn_with_all_their_series(page: str) -> None:
    assert page.count('<svg role="img"') == 2
    for name in ("STANDARD_IA", "GLACIER_IR", "storage", "CloudWatch", "search", "responders"):
        assert re.search(rf"<span>{name} <b>", page), name
    assert page.count("<polygon") >= 3 + 6


def test_it_asks_nothing_of_anybody(page: str) -> None:
    assert "default-src 'none'" in page
    assert not re.findall(r"<(?:script|link|img|iframe)\b|https?://|url\(", page)


def test_what_is_not_counted_stands_at_its_end(page: str) -> None:
    assert "Not counted: free tiers" in page[page.index("<footer>") :]


def test_a_page_that_can_t_be_written_is_refused(synthesised_output: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = report("--output", synthesised_output, "--html", tmp_path / "file" / "cost.html")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_texts_stand_to_the_left_and_bars_are_escaped() -> None:
    table = Table("T", ("name", "kind", "number"), (("a|b", "<x>", "1"), (sum_of("all"), "", "1")), texts=("kind",))
    assert markdown_table(table)[4] == "|---|---|---:|"
    assert markdown_table(table)[5:] == [r"| a\|b | \<x\> | 1 |", "| **all** |  | 1 |"]
    assert [column.justify for column in grid(table).columns] == ["left", "left", "right"]
