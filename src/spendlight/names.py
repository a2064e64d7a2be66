r"""Makes names that come from elsewhere harmless and short enough to be shown.

Models, projects, sessions, machines and files are called whatever a log, an import or another
program says. Whoever shows such a name passes it through here: as it stands it could clear the
screen, write the clipboard (OSC 52), turn the direction of the text around it, or fill a table.
"""

from __future__ import annotations

from typing import Final

MOST_LETTERS: Final = 100
"""Longer names are cut in the middle where they are shown; never in JSON or in files. Paths that
people work in are shorter, with few exceptions."""

_HARMLESS: Final = frozenset("\u00a0\u200c\u200d\u202f\u3000")
"""Blanks, and what joins letters or emoji: Python calls them unprintable, and names have them."""

_MARK: Final = "…"

_FORMULAS: Final = frozenset("=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20")
"""What a formula may begin with, in wide letters, too, and what tells a text from one."""

_BYTES: Final = 0xDC00
"""From here on Python keeps bytes of the command line that are no text."""


def shown(text: str) -> str:
    r"""Return a text of one line in which nothing does anything to a terminal.

    Control characters, line breaks, overrides of the direction and halves of surrogate pairs are
    written as escapes.

    >>> shown("a\x1b[2Jb\nc\u202ed")
    'a\\x1b[2Jb\\x0ac\\u202ed'
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or letter in _HARMLESS else _escaped(letter)
        for letter in text
    )


def shown_lines(text: str) -> str:
    """Return a text likewise, whose line breaks are our own."""
    if text.replace("\n", "").isprintable():
        return text
    return "\n".join(map(shown, text.split("\n")))


def shortened(text: str, most: int = MOST_LETTERS) -> str:
    """Return a text that is cut in the middle where it is long: names differ at both ends.

    >>> shortened("abcdefghij", 7)
    'abc…hij'
    """
    if len(text) <= most:
        return text
    start = most // 2
    return f"{text[:start]}{_MARK}{text[len(text) - (most - start - 1) :]}"


def name(text: str) -> str:
    """Return a name as tables and sentences show it: harmless, and of a sensible length."""
    return shortened(text) if text.isprintable() else shown(shortened(text))


def whole(text: str) -> str:
    r"""Return a text that is Unicode: a half of a pair, or a byte that is none, is an escape.

    Names in the ledger are written so; who asks for one may have typed any bytes.

    >>> whole("caf\udce9"), whole("\ud800")
    ('caf\\xe9', '\\ud800')
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(
            f"\\x{ord(letter) - _BYTES:02x}"
            if _BYTES + 0x80 <= ord(letter) <= _BYTES + 0xFF
            else letter.encode("utf-8", "backslashreplace").decode()
            for letter in text
        )
    return text


def hint(text: str) -> str:
    """Return a text for one of Qt's hints, which take any text with a tag in it for HTML.

    >>> hint("R&D"), hint("<b>R&D</b>")
    ('R&D', '<qt>&lt;b&gt;R&amp;D&lt;/b&gt;</qt>')
    """
    if "<" not in text:
        return text
    from html import escape  # it comes with a long list of names

    return f"<qt>{escape(text, quote=False)}</qt>".replace("\n", "<br>")


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with an apostrophe before it.

    As OWASP has it ("CSV Injection"). A text that begins with an apostrophe gets one, too, so that
    `unguarded` finds each again.

    >>> guarded("=1+1"), guarded("-home-me"), guarded("me"), guarded("'me")
    ("'=1+1", "'-home-me", 'me', "''me")
    """
    return f"'{text}" if text[:1] in _FORMULAS else text


def unguarded(text: str) -> str:
    """Return a text as it was before it was guarded.

    >>> unguarded("'=1+1"), unguarded("me"), unguarded("''me")
    ('=1+1', 'me', "'me")
    """
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULAS else text


def _escaped(letter: str) -> str:
    code = ord(letter)
    if code <= 0xFF:  # noqa: PLR2004  # two digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  # four digits
