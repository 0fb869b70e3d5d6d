"""The fields of a CloudTrail record as columns of the Athena table that AWS documents for them.

One table for all who must know which fields are objects, arrays or JSON text: the Athena predicate, and the checks that
a selector names a value rather than an object. How a condition on a column reads in SQL is left to
``athena_predicate``, creating the table to ``archive``.

Sources: https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html (CREATE TABLE),
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Scalar(Enum):
    """A column, or a member of one, that is a STRING in the table."""

    TEXT = auto()
    """A string in the record too."""
    BOOLEAN = auto()
    """A boolean in the record: ``true`` or ``false`` in the table."""
    JSON = auto()
    """An object in the record, whose members depend on the call: JSON text in the table."""


@dataclass(frozen=True)
class Struct:
    """An object with these members, by their names in the record; the table has the names in lower case."""

    members: "Mapping[str, Column]"


@dataclass(frozen=True)
class ArrayOf:
    """An array of objects."""

    element: Struct


@dataclass(frozen=True)
class Map:
    """An object with any members, all strings."""


Column = Scalar | Struct | ArrayOf | Map


def _texts(names: str) -> dict[str, Column]:
    return dict.fromkeys(names.split(), Scalar.TEXT)


_SESSION_CONTEXT = Struct(
    {
        "attributes": Struct(_texts("mfaAuthenticated creationDate")),
        "sessionIssuer": Struct(_texts("type principalId arn accountId userName")),
        "ec2RoleDelivery": Scalar.TEXT,
        "webIdFederationData": Struct({"federatedProvider": Scalar.TEXT, "attributes": Map()}),
    }
)
_USER_IDENTITY = Struct(
    {
        **_texts("type principalId arn accountId invokedBy accessKeyId userName"),
        "onBehalfOf": Struct(_texts("userId identityStoreArn")),
        "sessionContext": _SESSION_CONTEXT,
    }
)

COLUMNS: Mapping[str, Column] = {
    "eventVersion": Scalar.TEXT,
    "userIdentity": _USER_IDENTITY,
    **_texts("eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode errorMessage"),
    "requestParameters": Scalar.JSON,
    "responseElements": Scalar.JSON,
    "additionalEventData": Scalar.JSON,
    **_texts("requestID eventID"),
    "readOnly": Scalar.BOOLEAN,
    "resources": ArrayOf(Struct(_texts("ARN accountId type"))),
    **_texts("eventType apiVersion recipientAccountId"),
    "serviceEventDetails": Scalar.JSON,
    **_texts("sharedEventID vpcEndpointId vpcEndpointAccountId eventCategory"),
    "addendum": Struct(_texts("reason updatedFields originalRequestID originalEventID")),
    "sessionCredentialFromConsole": Scalar.TEXT,
    "edgeDeviceDetails": Scalar.JSON,
    "tlsDetails": Struct(_texts("tlsVersion cipherSuite clientProvidedHostHeader")),
}
"""Every column, by the name of its field in the record."""


def is_container(names: tuple[str, ...] | None) -> bool:
    """Whether a field is an object or an array in CloudTrail's records, by the names that lead to it."""
    column: Column | None = Struct(COLUMNS)
    for name in names or ():
        column = column.members.get(name) if isinstance(column, Struct) else None
    return isinstance(column, Struct | ArrayOf | Map) or column is Scalar.JSON
