r"""Makes names from outside safe and short enough to be shown.

The names of models, projects, sessions, machines and files come from logs, imports and other
programs. Before it is shown, such a name must be escaped here: it could clear the screen, write the
clipboard (OSC 52), change the direction of the surrounding text, or fill a table.
"""

from __future__ import annotations

from typing import Final

MOST_LETTERS: Final = 100
"""Longer names are cut in the middle when they are shown; never in JSON or in files. Nearly all
paths that people work in are shorter."""

_HARMLESS: Final = frozenset("\u00a0\u200c\u200d\u202f\u3000")
"""Spaces, and characters that join letters or emoji: unprintable for Python, but used in names."""

_MARK: Final = "…"

_FORMULAS: Final = frozenset("=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20")
"""The characters with which a formula may begin, also in wide forms, and the text prefix."""

_BYTES: Final = 0xDC00
"""From here on Python maps undecodable bytes of the command line."""


def shown(text: str) -> str:
    r"""Return a text of one line without anything that controls a terminal.

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
    """Like `shown`, for a text with our own line breaks."""
    if text.replace("\n", "").isprintable():
        return text
    return "\n".join(map(shown, text.split("\n")))


def shortened(text: str, most: int = MOST_LETTERS) -> str:
    """Return a text, cut in the middle if it is long, as names differ at both ends.

    >>> shortened("abcdefghij", 7)
    'abc…hij'
    """
    if len(text) <= most:
        return text
    start = most // 2
    return f"{text[:start]}{_MARK}{text[len(text) - (most - start - 1) :]}"


def name(text: str) -> str:
    """Return a name for tables and sentences: escaped and shortened."""
    return shortened(text) if text.isprintable() else shown(shortened(text))


def whole(text: str) -> str:
    r"""Return a valid Unicode text: halves of surrogate pairs and undecodable bytes are escaped.

    Names in the ledger are in this form, while names from the command line may be any bytes.

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
    """Return a text for one of Qt's tooltips, which interpret any text with a tag as HTML.

    >>> hint("R&D"), hint("<b>R&D</b>")
    ('R&D', '<qt>&lt;b&gt;R&amp;D&lt;/b&gt;</qt>')
    """
    if "<" not in text:
        return text
    from html import escape  # large

    return f"<qt>{escape(text, quote=False)}</qt>".replace("\n", "<br>")


def guarded(text: str) -> str:
    """Return a text that spreadsheets do not read as a formula: prefixed with an apostrophe.

    See OWASP, "CSV Injection". A text that begins with an apostrophe gets one, too, so that
    `unguarded` can restore each.

    >>> guarded("=1+1"), guarded("-home-me"), guarded("me"), guarded("'me")
    ("'=1+1", "'-home-me", 'me', "''me")
    """
    return f"'{text}" if text[:1] in _FORMULAS else text


def unguarded(text: str) -> str:
    """Return the original text of a guarded one.

    >>> unguarded("'=1+1"), unguarded("me"), unguarded("''me")
    ('=1+1', 'me', "'me")
    """
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULAS else text


def _escaped(letter: str) -> str:
    code = ord(letter)
    if code <= 0xFF:  # noqa: PLR2004  # two digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  # four digits
