"""What went before the bundled attack: weeks of ordinary console logins, from which responders learn what is usual.

The records are ours, written after AWS's documented format. Addresses reserved for documentation (RFC 5737) are
registered in no country: those of the people who belong to the company stand for the United States here, those of the
attacker for Antarctica.
"""

import ipaddress
from pathlib import Path

from cloudtrail_monitoring.responders.runtime.country_database import CountryDatabase

HISTORY = Path(__file__).parent
"""The folder of the records."""

_COUNTRIES = {
    ipaddress.ip_network("192.0.2.0/24"): "US",
    ipaddress.ip_network("198.51.100.0/24"): "AQ",
    ipaddress.ip_network("203.0.113.0/24"): "AQ",
}


class DocumentationCountries(CountryDatabase):
    """The countries of the bundled records' addresses; of others what the file says."""

    def country(self, address: str) -> str | None:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return None
        own = next((code for network, code in _COUNTRIES.items() if parsed in network), None)
        return own or super().country(address)
