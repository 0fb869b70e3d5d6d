"""A DynamoDB table with ``pk`` and ``sk``, for responders: conditional writes that say whether they held.

Values are strings, whole numbers, booleans, and lists and maps of these. What the items mean is left to their owners.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boto3.dynamodb.conditions import ConditionBase

Item = dict[str, Any]

EXPIRES_AT = "expires_at"
"""Seconds since 1970 after which DynamoDB deletes an item, within days: the table's TTL attribute."""


class Table:
    """One table.

    Args:
        table: boto3's ``Table`` resource.
    """

    def __init__(self, table: Any) -> None:
        self._table = table

    def get(self, pk: str, sk: str) -> Item | None:
        """The item as it is now."""
        found: Item | None = self._table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")
        return found

    def put(self, pk: str, sk: str, values: Mapping[str, Any], *, only_if: "ConditionBase | None" = None) -> bool:
        """Write an item whole; whether the condition held and it was written."""
        condition = {} if only_if is None else {"ConditionExpression": only_if}
        try:
            self._table.put_item(Item={"pk": pk, "sk": sk, **values}, **condition)
        except self._table.meta.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def put_new(self, pk: str, sk: str, values: Mapping[str, Any]) -> bool:
        """Write an item that is not there yet; whether it was not."""
        from boto3.dynamodb.conditions import Attr

        return self.put(pk, sk, values, only_if=Attr("pk").not_exists())

    def replace(self, item: Item, changes: Mapping[str, Any]) -> bool:
        """Write an item as read, with changes, unless somebody else has written it since (``version``)."""
        from boto3.dynamodb.conditions import Attr

        version = int(item["version"])
        changed = {**item, **changes, "version": version + 1}
        return self.put(changed.pop("pk"), changed.pop("sk"), changed, only_if=Attr("version").eq(version))

    def delete(self, pk: str, sk: str) -> None:
        """Delete an item; one that is gone already is no error."""
        self._table.delete_item(Key={"pk": pk, "sk": sk})

    def query(
        self, pk: str, *, first: str | None = None, last: str | None = None, backwards: bool = False
    ) -> Iterator[Item]:
        """The items of a partition in order of ``sk``, or the last first, all or those from ``first`` to ``last``."""
        from boto3.dynamodb.conditions import Key

        condition: ConditionBase = Key("pk").eq(pk)
        if first is not None and last is not None:
            condition &= Key("sk").between(first, last)
        page: dict[str, Any] = {
            "KeyConditionExpression": condition,
            "ConsistentRead": True,
            "ScanIndexForward": not backwards,
        }
        while True:
            answer = self._table.query(**page)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            page["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
