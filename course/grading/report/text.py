"""Text that others wrote, made fit to be shown and to be written."""

from __future__ import annotations

import unicodedata

#: Marks that turn the direction of the text around them: a page must not be rearranged by them.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    r"""Return a text with what cannot be seen or written made visible.

    Control characters, marks that turn the direction of text, and halves of characters (a file
    name that is no UTF-8 has them) become their code; line ends and tabs stay.

    >>> printable("a\x00b\n")
    'a\\x00b\n'
    """
    return "".join(_seen(character) for character in text)


def _seen(character: str) -> str:
    if character in "\n\t" or (character.isascii() and character.isprintable()):
        return character
    if unicodedata.category(character) in ("Cc", "Cs") or character in _TURNING:
        return character.encode("unicode_escape").decode("ascii")
    return character


def shorten(text: str, most: int) -> str:
    """Return a text with at most so many characters, its end left out where it is longer.

    >>> shorten("teacher forcing", 9)
    'teacher …'
    """
    return text if len(text) <= most else text[: most - 1] + "…"
