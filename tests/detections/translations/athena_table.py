"""The Athena table of a trail, in memory: DuckDB with the columns AWS documents, and Trino's functions in its terms.

``AthenaTable`` takes records and says which of them a predicate selects. Where DuckDB differs from Trino:

* JSON paths are written ``$."a"[0]`` for Trino's ``$["a"][0]``, and scalars are told by ``json_type``: macros below.
* ``any_match`` is missing: the list of the elements that pass is greater than the empty list.
* A lambda is ``lambda element:`` for ``element ->``, and ``ARRAY(JSON)`` is ``JSON[]``.
* It writes a number in its own form (``400.0`` for ``4e2``), where Trino keeps the record's: nothing here tests texts
  of numbers with exponents, nor a null in an array, which becomes SQL's NULL.

Sources: https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html (the columns),
https://trino.io/docs/current/functions/json.html, https://duckdb.org/docs/stable/data/json/json_functions
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import duckdb

_TEXT, _JSON = "VARCHAR", "VARCHAR"


def _texts(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), _TEXT)


# Written after the page and not after ``cloudtrail_columns``, so that a column missing there is noticed.
COLUMNS: dict[str, Any] = {
    "eventversion": _TEXT,
    "useridentity": {
        **_texts("type principalid arn accountid invokedby accesskeyid username"),
        "onbehalfof": _texts("userid identitystorearn"),
        "sessioncontext": {
            "attributes": _texts("mfaauthenticated creationdate"),
            "sessionissuer": _texts("type principalid arn accountid username"),
            "ec2roledelivery": _TEXT,
            "webidfederationdata": {"federatedprovider": _TEXT, "attributes": _JSON},
        },
    },
    **_texts("eventtime eventsource eventname awsregion sourceipaddress useragent errorcode errormessage"),
    **dict.fromkeys(["requestparameters", "responseelements", "additionaleventdata"], _JSON),
    **_texts("requestid eventid readonly"),
    "resources": [_texts("arn accountid type")],
    **_texts("eventtype apiversion recipientaccountid"),
    "serviceeventdetails": _JSON,
    **_texts("sharedeventid vpcendpointid vpcendpointaccountid eventcategory"),
    "addendum": _texts("reason updatedfields originalrequestid originaleventid"),
    "sessioncredentialfromconsole": _TEXT,
    "edgedevicedetails": _JSON,
    "tlsdetails": _texts("tlsversion ciphersuite clientprovidedhostheader"),
}

MACROS = r"""
CREATE MACRO json_extract(document, path) AS
    system.main.json_extract(document, regexp_replace(path, '\["([^"]*)"\]', '."\1"', 'g'));
CREATE MACRO json_extract_scalar(document, path) AS
    CASE WHEN json_type(json_extract(document, path)) NOT IN ('OBJECT', 'ARRAY', 'NULL')
         THEN json_extract_string(json_extract(document, path), '$') END;
CREATE MACRO json_format(document) AS CAST(document AS VARCHAR);
CREATE MACRO element_at(elements, position) AS list_extract(elements, position);
CREATE MACRO regexp_like(text, expression) AS regexp_matches(text, expression);
"""

_LITERAL = re.compile(r"('(?:[^']|'')*')")
_SPELLINGS = {
    "any_match(": "[] < list_filter(",
    "element ->": "lambda element:",
    "ARRAY(JSON)": "JSON[]",
}


class AthenaTable:
    """Records as rows of the table, to be asked with what stands after ``WHERE``."""

    def __init__(self, records: Sequence[Mapping[str, Any]]) -> None:
        self._connection = _database().cursor()
        self._connection.execute(
            "CREATE TEMPORARY TABLE cloudtrail AS SELECT place, unnest(json_transform(record, ?)) FROM"
            " (SELECT unnest(?::JSON[]) AS record, generate_subscripts(?::JSON[], 1) - 1 AS place)",
            [json.dumps(COLUMNS), documents := [json.dumps(row(record, COLUMNS)) for record in records], documents],
        )

    def selected(self, predicate: str) -> list[int]:
        """The places of the records for which the predicate holds."""
        query = f"SELECT place FROM cloudtrail WHERE {for_duckdb(predicate)} ORDER BY place"  # noqa: S608
        return [place for (place,) in self._connection.execute(query).fetchall()]


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for all tables, as defining the macros takes its time; a cursor has temporary tables of its own."""
    connection = duckdb.connect()
    connection.execute(MACROS)
    return connection


def row(value: Any, column: Any) -> Any:
    """The record, or a part of it, as Athena's reader takes it: columns and their members in lower case."""
    match column:
        case dict():
            return {name.lower(): row(one, column.get(name.lower())) for name, one in (value or {}).items()}
        case [struct]:
            return [row(one, struct) for one in value or ()]
    return value


def for_duckdb(predicate: str) -> str:
    """The predicate in DuckDB's spelling, string literals left alone."""
    parts = _LITERAL.split(predicate)
    for place in range(0, len(parts), 2):
        for trino, here in _SPELLINGS.items():
            parts[place] = parts[place].replace(trino, here)
    return "".join(parts)
