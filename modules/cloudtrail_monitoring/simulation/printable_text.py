"""Text from outside made safe to show: records and file names may hold a terminal's escapes, or turn writing around."""

import unicodedata

_UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")


def printable(text: str) -> str:
    """``text`` on one line, its control characters, such as a terminal's escape, as U+FFFD.

    >>> printable("root\\x1b[2J")
    'root\ufffd[2J'
    """
    if text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(one) in _UNPRINTABLE else one for one in text)
