"""Texts as Markdown shows them letter by letter: what a record holds can't be a heading, a link, a table or HTML.

https://spec.commonmark.org/0.31.2/#backslash-escapes
https://github.github.com/gfm/#autolinks-extension-
"""

import re

from cloudtrail_monitoring.responders.runtime.cloudtrail_event import readable

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&!$@])")
_WEB = re.compile(r"\b(www)\.", re.IGNORECASE)
_BULLET = re.compile(r"^([-+=])")
_NUMBER = re.compile(r"^(\d+)(?=[.)](\s|$))")
_LONGEST = 4_000


class Verbatim(str):
    """A text of our own that stands in Markdown as it is: an address between angle brackets, a command."""

    __slots__ = ()


def markdown_text(value: object) -> str:
    r"""A text as Markdown shows it letter by letter, on one line: no emphasis, links, lists, tables, HTML, and no
    address that a reader would turn into a link.

    >>> print(markdown_text("<b>*x*</b> https://evil.example"))
    \<b\>\*x\*\</b\> https:\//evil.example
    """
    if isinstance(value, Verbatim):
        return value
    text = _MARKS.sub(r"\\\1", readable(str(value), most=_LONGEST))
    text = text.replace("://", r":\//")
    text = _WEB.sub(r"\1\\.", text)
    return _NUMBER.sub(r"\1\\", _BULLET.sub(r"\\\1", text))
