"""What looks like one of Terraform's templates reaches AWS as it is written."""

import pytest

from cloudtrail_monitoring.terraform_text import terraform_text


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ('{ $.userAgent = "*${HOME}*" }', '{ $.userAgent = "*$${HOME}*" }'),
        ("100 %{ if }", "100 %%{ if }"),
        ('{ $.eventName = "ConsoleLogin" }', '{ $.eventName = "ConsoleLogin" }'),
        ("$5, 100%", "$5, 100%"),
    ],
)
def test_templates_are_escaped_and_nothing_else(text: str, given: str) -> None:
    assert terraform_text(text) == given
