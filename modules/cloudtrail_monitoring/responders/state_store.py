"""The two DynamoDB tables: what responders remember for a while, and the incidents, which stay.

Both are paid by the request: a quiet account costs nothing. What the items mean is left to ``runtime``.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
"""

from typing import Any

from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableServerSideEncryption,
    DynamodbTableTtl,
)
from constructs import Construct

from cloudtrail_monitoring.responders.names import ResponderNames
from cloudtrail_monitoring.responders.runtime.table import EXPIRES_AT


class StateStore(Construct):
    """The tables, each with ``pk`` and ``sk``.

    Args:
        key_arn: encrypts both.
        protected: whether DynamoDB refuses to delete the incidents.
    """

    def __init__(
        self, scope: Construct, id_: str, *, names: ResponderNames, key_arn: str, protected: bool = True
    ) -> None:
        super().__init__(scope, id_)
        self._key_arn = key_arn
        self.state = self._table(
            "state", names.state_table, ttl=DynamodbTableTtl(attribute_name=EXPIRES_AT, enabled=True)
        )
        self.incidents = self._table("incidents", names.incidents_table, deletion_protection_enabled=protected)

    def _table(self, id_: str, name: str, **rest: Any) -> DynamodbTable:
        return DynamodbTable(
            self,
            id_,
            name=name,
            billing_mode="PAY_PER_REQUEST",
            hash_key="pk",
            range_key="sk",
            attribute=[DynamodbTableAttribute(name="pk", type="S"), DynamodbTableAttribute(name="sk", type="S")],
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=True),
            server_side_encryption=DynamodbTableServerSideEncryption(enabled=True, kms_key_arn=self._key_arn),
            **rest,
        )
