"""The country an address is registered in, from a MaxMind-format file that the user can replace.

Read are the layouts of ``@ip-location-db`` (``country_code``), of MaxMind's GeoLite2 Country and City
(``country.iso_code``) and of files with a bare ``country``. Registration says where a network's holder sits, which is
the right country for about 95 % of addresses. Without the file, or with one that can't be read, no address has a
country, and the log says so once.

https://maxmind.github.io/MaxMind-DB/
"""

import ipaddress
import logging
import os
import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maxminddb import Reader

VARIABLE = "COUNTRY_DATABASE"
"""Holds the file's path."""

_CODE = re.compile(r"[A-Z]{2}")
_UNKNOWN = frozenset({"XX", "ZZ"})

logger = logging.getLogger(__name__)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class CountryDatabase:
    """One file, opened when it is first asked.

    Args:
        path: of the file; empty: there is none.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    @classmethod
    def of_environment(cls, variables: Mapping[str, str] = os.environ) -> "CountryDatabase":
        """The one this function is configured with."""
        return cls(variables.get(VARIABLE, ""))

    def country(self, address: str) -> str | None:
        """The ISO 3166 code, of two capital letters; ``None`` where there is none.

        Args:
            address: as a record has it; the name of an AWS service or a private address has no country.
        """
        public = public_address(address)
        if public is None or self._reader is None:
            return None
        if public.version > self._reader.metadata().ip_version:
            return None  # a file of IPv4 alone
        return _code(self._reader.get(public))

    @cached_property
    def _reader(self) -> "Reader | None":
        # imported when first used: only this responder needs it
        import maxminddb

        if not self._path:
            logger.warning("no country database is configured (%s): countries of logins are not judged", VARIABLE)
            return None
        try:
            return maxminddb.open_database(self._path)
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            logger.warning("countries of logins are not judged: %s: %s", type(error).__name__, error)
            return None


def address_of(text: str) -> Address | None:
    """An address of IPv4 or IPv6, one of IPv4 written as IPv6 (``::ffff:…``) as what it is; ``None`` if it is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def public_address(text: str) -> Address | None:
    """The address if it is one that the internet routes, else ``None``."""
    address = address_of(text)
    return address if address is not None and address.is_global and not address.is_multicast else None


def _code(record: Any) -> str | None:
    if not isinstance(record, dict):
        return None
    country = record.get("country_code") or record.get("country")
    code = country.get("iso_code") if isinstance(country, dict) else country
    if not isinstance(code, str):
        return None
    capital = code.upper()
    return capital if _CODE.fullmatch(capital) and capital not in _UNKNOWN else None
