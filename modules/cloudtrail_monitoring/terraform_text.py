"""Text as Terraform's configuration has it, where ``${`` and ``%{`` begin expressions.

https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences-1
"""


def terraform_text(text: str) -> str:
    """The text so written that Terraform takes it letter by letter.

    >>> terraform_text("${account}")
    '$${account}'
    """
    return text.replace("${", "$${").replace("%{", "%%{")
