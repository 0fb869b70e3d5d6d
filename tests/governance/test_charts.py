"""Charts: where each value is drawn, what is refused, and that nothing written can become markup."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_monitoring.governance.chart_scales import LARGEST, round_scale, short_number, time_labels
from cloudtrail_monitoring.governance.charts import CHART_STYLE, Band, Kind, Series, Threshold, chart


def drawn(*series: Series, kind: Kind = "lines", **options: object) -> ElementTree.Element:
    # a figure is well-formed XML: it is read back as such
    return ElementTree.fromstring(chart(series, title="Title", description="Text.", kind=kind, **options))  # type: ignore[arg-type]  # noqa: S314 - our own text


def paths(figure: ElementTree.Element) -> list[str]:
    return [path.get("d", "") for path in figure.iter("path")]


def bars(figure: ElementTree.Element) -> list[tuple[str, str, str, str]]:
    return [(b.get("x", ""), b.get("y", ""), b.get("width", ""), b.get("height", "")) for b in figure.iter("rect")]


def texts(figure: ElementTree.Element, kind: str) -> list[str]:
    return [text.text or "" for text in figure.iter("text") if text.get("class") == kind]


def test_a_line_goes_through_its_points() -> None:
    # 0 to 100 on 200 pixels; x from 0 to 20 on 1000 units
    figure = drawn(Series("calls", [(0, 0.0), (10, 50.0), (20, 100.0)]))
    assert paths(figure) == ["M0,200 L500,100 L1000,0"]
    assert texts(figure, "y") == ["0", "20", "40", "60", "80", "100"]


def test_points_may_come_in_any_order() -> None:
    assert paths(drawn(Series("calls", [(20, 100.0), (0, 0.0)]))) == ["M0,200 L1000,0"]


def test_a_gap_interrupts_a_line_and_a_lone_point_is_a_dot() -> None:
    figure = drawn(Series("calls", [(0, 0.0), (10, 100.0), (20, None), (30, 50.0), (40, None)]))
    assert paths(figure) == ["M0,200 L250,0"]
    assert [(dot.get("cx"), dot.get("cy")) for dot in figure.iter("circle")] == [("75%", "100")]


def test_one_point_stands_in_the_middle() -> None:
    (dot,) = drawn(Series("calls", [(1_700_000_000, 5.0)])).iter("circle")
    assert (dot.get("cx"), dot.get("cy")) == ("50%", "0")


def test_values_below_zero_hang_from_the_zero_line() -> None:
    figure = drawn(Series("change", [(1, -40.0), (2, 60.0)]), kind="bars", height=100)
    assert [(y, height) for _, y, _, height in bars(figure)] == [("60", "40"), ("0", "60")]


def test_bars_stand_side_by_side_within_their_slot() -> None:
    figure = drawn(Series("a", [(1, 10.0), (2, 5.0)]), Series("b", [(1, 2.0)]), kind="bars", height=100)
    assert bars(figure) == [("5%", "0", "20%", "100"), ("55%", "50", "20%", "50"), ("25%", "80", "20%", "20")]


def test_stacked_bars_stand_on_each_other() -> None:
    figure = drawn(Series("a", [(1, 4.0)]), Series("b", [(1, 6.0)]), kind="stacked_bars", height=100)
    assert [(y, height) for _, y, _, height in bars(figure)] == [("60", "40"), ("0", "60")]


def test_a_stacked_area_reads_a_gap_as_nothing() -> None:
    figure = drawn(
        Series("a", [(0, 5.0), (10, 5.0)]), Series("b", [(0, 5.0), (10, None)]), kind="stacked_areas", height=100
    )
    first, second = (area.get("points") for area in figure.iter("polygon"))
    assert first == "0,50 1000,50 1000,100 0,100"
    assert second == "0,0 1000,50 1000,50 0,50"


def test_a_band_lies_behind_the_line_and_counts_for_the_axis() -> None:
    figure = drawn(Series("calls", [(0, 10.0), (10, 20.0)]), band=Band("expected", [(0, 0, 80), (10, 20, 100)]))
    (shape,) = figure.iter("polygon")
    assert shape.get("points") == "0,40 1000,0 1000,160 0,200"
    assert "expected" in "".join(figure.itertext())


def test_what_lies_beyond_given_ends_is_cut_off() -> None:
    cut = drawn(Series("calls", [(0, -5.0), (10, 50.0)]), y_range=(0, 100)).find("svg/svg")
    whole = drawn(Series("calls", [(0, 5.0), (10, 50.0)]), y_range=(0, 100)).find("svg/svg")
    assert cut is not None
    assert whole is not None
    assert (cut.get("overflow"), whole.get("overflow")) == ("hidden", "visible")
    tall = drawn(Series("calls", [(1, 500.0)]), kind="bars", y_range=(0, 100), height=100)
    assert [(y, height) for _, y, _, height in bars(tall)] == [("0", "100")]


def test_what_is_counted_has_whole_numbers_on_its_axis() -> None:
    assert texts(drawn(Series("calls", [(0, 1.0), (10, 2.0)])), "y") == ["0", "1", "2"]


def test_a_lone_bar_is_as_wide_as_the_time_it_stands_for() -> None:
    ((x, _, width, _),) = bars(drawn(Series("a", [(5, 1.0)]), kind="bars", x_range=(0, 9), bar_slot=1.0))
    assert (x, width) == ("51%", "8%")


def test_a_threshold_counts_for_the_axis() -> None:
    figure = drawn(Series("calls", [(0, 1.0)]), thresholds=[Threshold("too many", 10.0)], height=100)
    assert [line.get("y1") for line in figure.iter("line") if line.get("class") == "threshold"] == ["0"]
    assert texts(figure, "threshold-label") == ["too many"]


@pytest.mark.parametrize("series", [(), (Series("calls", []),), (Series("calls", [(1, None)]),)])
@pytest.mark.parametrize("kind", ["lines", "bars", "stacked_bars", "stacked_areas"])
def test_what_has_no_data_says_so(series: tuple[Series, ...], kind: Kind) -> None:
    assert texts(drawn(*series, kind=kind), "none") == ["no data"]


def test_zeroes_are_data() -> None:
    assert texts(drawn(Series("calls", [(1, 0.0), (2, 0.0)]), kind="bars"), "none") == []


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 2 * LARGEST])
@pytest.mark.parametrize("place", ["x", "y", "band"])
def test_what_is_no_number_is_refused(bad: float, place: str) -> None:
    series = Series("calls", [(bad, 1.0) if place == "x" else (1.0, bad if place == "y" else 1.0)])
    band = Band("expected", [(1.0, 0.0, bad)]) if place == "band" else None
    with pytest.raises(ValueError, match="can't be drawn"):
        chart([series], title="t", description="d", band=band)


def test_a_stack_refuses_negative_values() -> None:
    with pytest.raises(ValueError, match="a stack takes no negative values"):
        drawn(Series("calls", [(1, -1.0)]), kind="stacked_bars")


def test_nothing_written_becomes_markup() -> None:
    evil = '<script>"&'
    text = chart(
        [Series(evil, [(1, 1.0)], colour=evil, figure=evil)],
        title=evil, description=evil, x_labels=[(1, evil)], y_format=lambda _: evil,
        thresholds=[Threshold(evil, 1.0)], band=Band(evil, [(1, 0, 1)]), kind="bars",
    )  # fmt: skip
    assert "<script>" not in text
    assert ElementTree.fromstring(text).tag == "figure"  # noqa: S314 - our own text


def test_a_screen_reader_is_told_what_it_is() -> None:
    svg = drawn(Series("calls", [(1, 1.0)])).find("svg")
    assert svg is not None
    assert (svg.get("role"), svg.findtext("title"), svg.findtext("desc")) == ("img", "Title", "Text.")


def test_light_and_dark_paper_have_every_colour() -> None:
    light, dark = CHART_STYLE.split("@media (prefers-color-scheme: dark)")
    names = re.findall(r"(--chart-[a-z0-9]+):", light)
    assert len(names) == 11
    assert all(f"{name}:" in dark for name in names)


@given(st.lists(st.floats(min_value=-LARGEST, max_value=LARGEST), max_size=8))
def test_an_axis_holds_its_values_and_has_few_round_numbers(values: list[float]) -> None:
    scale = round_scale(values)
    slack = 1e-9 * (scale.high - scale.low)
    assert scale.low <= min([0.0, *values]) + slack
    assert scale.high >= max([0.0, *values]) - slack
    assert 2 <= len(scale.ticks) <= 8


def test_an_axis_may_have_given_ends() -> None:
    assert round_scale([150.0], low=0, high=100).ticks == (0, 20, 40, 60, 80, 100)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-1500, "-1.5 k"), (0.3, "0.3"), (1e9, "1 G"), (1e20, "1e+20")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert short_number(value) == text


def test_days_are_named_by_their_date_and_hours_by_the_clock() -> None:
    day = 1_773_014_400  # 9 March 2026, 00:00 UTC
    assert [text for _, text in time_labels(day, day + 4 * 86400)] == ["09 Mar", "10 Mar", "11 Mar", "12 Mar", "13 Mar"]
    assert [text for _, text in time_labels(day, day + 1200)] == ["00:00", "00:05", "00:10", "00:15", "00:20"]
    assert time_labels(day, day) == ((day, "09 Mar 00:00"),)
