"""Reads the advanced event selectors of a trail: which category, which fields, which values."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudtrail_monitoring.governance.checkov_checks import ctm_attributes as tf
else:
    import ctm_attributes as tf

LEAVES_OUT = ("not_starts_with", "not_equals", "not_ends_with")
TAKES_IN = ("starts_with", "equals", "ends_with")

Fields = dict[str, list[tf.Attributes]]
"""The field selectors of one advanced event selector by the name of their field."""


def selectors(trail: tf.Attributes, category: str) -> list[Fields]:
    """The trail's selectors of that category: ``Management`` or ``Data``."""
    found = [_fields(selector) for selector in tf.blocks(trail, "advanced_event_selector")]
    return [fields for fields in found if category in values(fields.get("eventCategory", []), ("equals",))]


def values(fields: list[tf.Attributes], operators: tuple[str, ...]) -> list[str]:
    """What the field selectors compare with by any of these operators."""
    return [str(value) for field in fields for operator in operators for value in tf.many(field, operator)]


def _fields(selector: tf.Attributes) -> Fields:
    found: Fields = {}
    for field in tf.blocks(selector, "field_selector"):
        found.setdefault(str(tf.one(field, "field")), []).append(field)
    return found
