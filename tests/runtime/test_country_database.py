"""R-RSP-4: which country an address has, whatever a record calls an address and whichever file is given."""

import logging
from pathlib import Path

import pytest

from cloudtrail_monitoring.responders.runtime.country_database import VARIABLE, CountryDatabase, public_address
from tests.conftest import PROJECT
from tests.runtime.country_file import COUNTRIES, FROM, flat, geolite, write

PUBLISHED = PROJECT / "node_modules/@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb"

NO_ADDRESSES = [
    "",
    "AWS Internal",
    "cloudformation.amazonaws.com",
    "81.2.69",
    "81.2.69.7.1",
    "081.2.69.7",
    "81.2.69.7/32",
    "81.2.69.7:443",
    "81.2.69.7\n",
    "\u0661.1.1.1",
    "<b>81.2.69.7</b>",
    "9" * 10_000,
]
NOT_PUBLIC = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "127.0.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "203.0.113.57",
    "0.0.0.0",  # noqa: S104 - an address to judge, nothing binds to it
    "255.255.255.255",
    "224.0.0.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
]


@pytest.fixture(params=[flat, geolite], ids=["ip-location-db", "geolite2"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> CountryDatabase:
    records = {network: request.param(code) for network, code in COUNTRIES.items()}
    return CountryDatabase(str(write(tmp_path / "countries.mmdb", records)))


@pytest.mark.parametrize(("code", "address"), FROM.items())
def test_an_address_has_its_country(database: CountryDatabase, code: str, address: str) -> None:
    assert database.country(address) == code


@pytest.mark.parametrize("address", ["::ffff:81.2.69.7", "::FFFF:5102:4507"])
def test_ipv4_written_as_ipv6_is_ipv4(database: CountryDatabase, address: str) -> None:
    assert database.country(address) == "GB"


@pytest.mark.parametrize("address", ["9.9.9.9", "2606:4700::1"])
def test_an_address_of_no_network_has_none(database: CountryDatabase, address: str) -> None:
    assert database.country(address) is None


@pytest.mark.parametrize("text", NO_ADDRESSES + NOT_PUBLIC)
def test_what_is_no_public_address_has_none(database: CountryDatabase, text: str) -> None:
    assert database.country(text) is None
    assert public_address(text) is None


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"country": "DE"}, "DE"),
        ({"country_code": "de"}, "DE"),
        ({"country_code": "ZZ"}, None),
        ({"country_code": "DEU"}, None),
        ({"country_code": "<b"}, None),
        ({"country_code": ""}, None),
        ({"country": {"names": {"en": "Germany"}}}, None),
        ({"asn": "AS3320"}, None),
        ("DE", None),
    ],
)
def test_only_a_code_is_a_country(tmp_path: Path, record: object, code: str | None) -> None:
    path = write(tmp_path / "countries.mmdb", {"217.0.0.0/13": record})
    assert CountryDatabase(str(path)).country("217.0.0.9") == code


@pytest.mark.parametrize("content", [None, b"", b"no database", bytes(10_000)])
def test_without_a_usable_file_the_log_says_so_once(
    tmp_path: Path, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "countries.mmdb"
    if content is not None:
        path.write_bytes(content)
    database = CountryDatabase.of_environment({VARIABLE: str(path)})
    with caplog.at_level(logging.WARNING):
        assert [database.country("81.2.69.7") for _ in range(3)] == [None] * 3
    assert len(caplog.records) == 1
    assert "not judged" in caplog.text


def test_without_a_path_the_log_names_the_variable(caplog: pytest.LogCaptureFixture) -> None:
    assert CountryDatabase.of_environment({}).country("81.2.69.7") is None
    assert VARIABLE in caplog.text


def test_the_file_is_opened_once_and_not_before_it_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "countries.mmdb"
    database = CountryDatabase(str(path))
    write(path, {"217.0.0.0/13": flat("DE")})
    assert database.country("217.0.0.9") == "DE"
    path.unlink()
    assert database.country("217.0.0.9") == "DE"


@pytest.mark.skipif(not PUBLISHED.exists(), reason="npm ci has not brought the published database")
def test_the_published_database_is_read() -> None:
    database = CountryDatabase(str(PUBLISHED))
    assert database.country("81.2.69.142") == "GB"
    assert database.country("::ffff:217.0.0.1") == "DE"
