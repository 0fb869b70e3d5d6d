"""What SARIF 2.1.0 asks of the objects this project writes, as JSON Schema: names, types, required members, no others.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html, section 3
"""

from typing import Any


def _object(required: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


def _list_of(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


_TEXT = {"type": "string", "minLength": 1}
_ADDRESS = {"type": "string", "format": "uri", "pattern": "^https://"}
_TEXTS = {"type": "object", "additionalProperties": _TEXT}
# 3.11 message, 3.12 multiformatMessageString: a plain text is always there
_MESSAGE = _object(("text",), text=_TEXT, markdown=_TEXT)
_LEVEL = {"enum": ["none", "note", "warning", "error"]}
# 3.49 reportingDescriptor
_RULE = _object(
    ("id",),
    id=_TEXT,
    shortDescription=_MESSAGE,
    fullDescription=_MESSAGE,
    help=_MESSAGE,
    helpUri=_ADDRESS,
    properties={"type": "object", "properties": {"tags": {**_list_of(_TEXT), "uniqueItems": True}}},
)
# 3.4 artifactLocation: a relative reference, below the base
_ARTIFACT = _object(("uri",), uri={"type": "string", "pattern": r"^[^/:][^:]*$"}, uriBaseId=_TEXT)
_LOCATION = _object(
    physicalLocation=_object(
        ("artifactLocation",),
        artifactLocation=_ARTIFACT,
        region=_object(("startLine",), startLine={"type": "integer", "minimum": 1}),
    ),
    logicalLocations=_list_of(_object(name=_TEXT, fullyQualifiedName=_TEXT, kind=_TEXT)),
)
_RESULT = _object(
    ("message",),
    ruleId=_TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=_LEVEL,
    message=_MESSAGE,
    locations=_list_of(_LOCATION),
    partialFingerprints=_TEXTS,
    # 3.35 suppression
    suppressions=_list_of(_object(("kind",), kind={"enum": ["inSource", "external"]}, justification=_TEXT)),
)
_RUN = _object(
    ("tool",),
    tool=_object(("driver",), driver=_object(("name",), name=_TEXT, version=_TEXT, rules=_list_of(_RULE))),
    automationDetails=_object(id=_TEXT),
    invocations=_list_of(
        _object(
            ("executionSuccessful",),
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications=_list_of(_object(("message",), level=_LEVEL, message=_MESSAGE)),
        )
    ),
    results=_list_of(_RESULT),
)
SARIF_LOG = _object(("version", "runs"), **{"$schema": _ADDRESS, "version": {"const": "2.1.0"}, "runs": _list_of(_RUN)})
"""3.13 sarifLog."""
