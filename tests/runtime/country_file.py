"""Writes small country databases in MaxMind's format: a search tree of 24-bit records, the data, the metadata.

https://maxmind.github.io/MaxMind-DB/
"""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COUNTRIES = {
    "81.2.69.0/24": "GB",
    "217.0.0.0/13": "DE",
    "8.8.8.0/24": "US",
    "1.1.1.0/24": "AU",
    "185.1.1.0/24": "PS",
    "2a00:1450::/32": "IE",
}
FROM = {"GB": "81.2.69.7", "DE": "217.0.0.9", "US": "8.8.8.8", "AU": "1.1.1.1", "PS": "185.1.1.1", "IE": "2a00:1450::7"}
"""An address of each country."""

_BITS = 128
_MARKER = b"\xab\xcd\xefMaxMind.com"
_STRING, _UINT16, _UINT32, _MAP, _UINT64, _ARRAY = 2, 5, 6, 7, 9, 11
_INTEGERS = {"node_count": _UINT32, "build_epoch": _UINT64}
"""What the format prescribes; other integers have 16 bits."""
_LONGEST_PLAIN = 29


def flat(code: str) -> dict[str, Any]:
    """As ``@ip-location-db`` lays records out."""
    return {"country_code": code}


def geolite(code: str) -> dict[str, Any]:
    """As MaxMind's GeoLite2 does."""
    return {"country": {"iso_code": code, "names": {"en": "somewhere"}}, "registered_country": {"iso_code": "FR"}}


def write(path: Path, records: Mapping[str, Any]) -> Path:
    """A database of records by network."""
    nodes: list[list[int | bytes | None]] = [[None, None]]
    for text, record in records.items():
        network = ipaddress.ip_network(text)
        length = network.prefixlen + (96 if network.version == 4 else 0)
        bits = f"{int(network.network_address):0{_BITS}b}"[:length]
        node = 0
        for bit in map(int, bits[:-1]):
            child = nodes[node][bit]
            if not isinstance(child, int):
                nodes.append([None, None])
                child = nodes[node][bit] = len(nodes) - 1
            node = child
        nodes[node][int(bits[-1])] = _encoded(record)
    path.write_bytes(_tree(nodes) + _MARKER + _encoded(_metadata(len(nodes))))
    return path


def _tree(nodes: list[list[int | bytes | None]]) -> bytes:
    tree, data = b"", b""
    for node in nodes:
        for child in node:
            if isinstance(child, bytes):
                value = len(nodes) + 16 + len(data)
                data += child
            else:
                value = len(nodes) if child is None else child
            tree += value.to_bytes(3, "big")
    return tree + bytes(16) + data


def _metadata(node_count: int) -> dict[str, Any]:
    return {
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1_770_000_000,
        "database_type": "country",
        "description": {"en": "of tests"},
        "ip_version": 6,
        "languages": ["en"],
        "node_count": node_count,
        "record_size": 24,
    }


def _encoded(value: Any, integer: int = _UINT16) -> bytes:
    if isinstance(value, str):
        raw = value.encode()
        return _control(_STRING, len(raw)) + raw
    if isinstance(value, int):
        raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
        return _control(integer, len(raw)) + raw
    if isinstance(value, list):
        return _control(_ARRAY, len(value)) + b"".join(map(_encoded, value))
    pairs = (_encoded(key) + _encoded(one, _INTEGERS.get(key, _UINT16)) for key, one in value.items())
    return _control(_MAP, len(value)) + b"".join(pairs)


def _control(kind: int, size: int) -> bytes:
    plain = min(size, _LONGEST_PLAIN)
    extended = kind > _MAP
    first = (0 if extended else kind << 5) | plain
    longer = bytes([size - _LONGEST_PLAIN]) if plain == _LONGEST_PLAIN else b""
    return bytes([first]) + (bytes([kind - _MAP]) if extended else b"") + longer
