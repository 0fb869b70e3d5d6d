"""The price table: what a row says, and files that are refused."""

from pathlib import Path

import pytest

from cloudtrail_monitoring.governance.cost.prices import SHIPPED, CostError, read_prices

ROW = '[[price]]\nid = "kms-key"\nusd = {usd}\nper = {per}\nunit = "keys"\nsource = "https://aws.amazon.com/kms/pricing/"\n'
HEAD = 'region = "eu-west-1"\ncurrency = "EUR"\ndate = 2026-01-31\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "prices.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("id_", "quantity", "cost"),
    [
        # R-CST-1: the figures of AWS's price pages for us-east-1
        ("cloudtrail-management-event-copy", 150_000, 3.00),
        ("cloudtrail-data-event", 2_000_000, 2.00),
        ("cloudtrail-insights", 100_000, 0.35),
        ("s3-storage-STANDARD", 1_000, 23.00),
        ("s3-storage-GLACIER_IR", 1_000, 4.00),
        ("s3-put", 1_000, 0.005),
        ("cloudwatch-logs-ingestion", 10, 5.00),
        ("cloudwatch-metric", 10, 3.00),
        ("cloudwatch-alarm-metric", 3, 0.30),
        ("kms-request", 10_000, 0.03),
        ("lambda-request", 1_000_000, 0.20),
    ],
)
def test_a_quantity_has_its_price(id_: str, quantity: float, cost: float) -> None:
    assert read_prices().cost(id_, quantity) == pytest.approx(cost)


def test_each_row_stands_on_a_page_of_aws() -> None:
    table = read_prices()
    assert (table.region, table.currency) == ("us-east-1", "USD")
    assert all(row.source.startswith("https://aws.amazon.com/") for row in table.rows.values())


def test_each_row_says_where_its_figure_was_read() -> None:
    # R-CST-1
    table = read_prices()
    assert [id_ for id_, row in table.rows.items() if not row.seen] == []
    assert all(row.seen_on is None or row.seen_on <= table.date for row in table.rows.values())


def test_a_table_of_ones_own_has_its_region_and_currency(tmp_path: Path) -> None:
    table = read_prices(written(tmp_path, HEAD + ROW.format(usd=2, per=1)))
    assert table.region == "eu-west-1"
    assert table.money(table.cost("kms-key", 3)) == "EUR 6.00"


def test_money_is_told_with_its_sign() -> None:
    money = read_prices().money
    assert [money(1234.5), money(0.1, signed=True), money(-0.1), money(-0.001)] == [
        "$1,234.50",
        "+$0.10",
        "-$0.10",
        "$0.00",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "region: Field required"),
        ("region = ", "not TOML"),
        (HEAD + "price = []", "price: at least one is needed"),
        (HEAD + ROW.format(usd=-1, per=1), "price.0.usd: Input should be greater than or equal to 0 (given: -1)"),
        (HEAD + ROW.format(usd="nan", per=1), "price.0.usd: Input should be a finite number"),
        (HEAD + ROW.format(usd=1, per=0), "price.0.per: Input should be greater than 0"),
        (HEAD + ROW.format(usd='"1"', per=1), "price.0.usd: Input should be a valid number (given: '1')"),
        (HEAD + ROW.format(usd=1, per=1) * 2, "price kms-key stands twice"),
        (HEAD + ROW.format(usd=1, per=1) + "tier = 2\n", "price.0.tier: Extra inputs are not permitted"),
        (HEAD.replace("EUR", "euro") + ROW.format(usd=1, per=1), "currency: a currency such as USD is needed"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(CostError) as raised:
        read_prices(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_absent_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(CostError, match=r"none\.toml: No such file"):
        read_prices(tmp_path / "none.toml")


def test_a_row_that_is_missing_is_named(tmp_path: Path) -> None:
    table = read_prices(written(tmp_path, HEAD + ROW.format(usd=2, per=1)))
    with pytest.raises(CostError, match="there is no price s3-put"):
        table.cost("s3-put", 1)


def test_the_shipped_table_is_the_default() -> None:
    assert read_prices().path == SHIPPED
