"""Whether a docstring begins with a sentence of the learner's own, in any language and script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from difflib import SequenceMatcher
from typing import Any

#: What stands in the docstring of a function that is to be written, in letters and spaces.
_PLACEHOLDER = (
    *("todo", "say", "in", "one", "sentence"),
    *("what", "this", "function", "is", "for"),
)

#: Fewer letters are no sentence, not even in Chinese.
FEWEST_LETTERS = 8

#: As many words of the placeholder in a row are the placeholder's, and no coincidence.
_KEPT_WORDS = 3

#: What is no sentence: a section's heading, `Returns:` or numpydoc's, a field, or an example.
_NO_SENTENCE = re.compile(
    r"(args|arguments|parameters|params|returns?|yields?|raises|examples?)\s*(:|\n\s*[-=~]{3}|\Z)"
    r"|[:@](param|type|returns?|rtype|raises)\b|>>>",
    re.IGNORECASE,
)


def assert_docstring_written(function: Callable[..., Any]) -> None:
    """Assert that a docstring begins with a sentence, and no longer with the placeholder.

    At least eight letters of its first paragraph must not be the placeholder's. Whether they make
    sense is for a person to say.

    Parameters
    ----------
    function : callable
        Whose docstring it is.
    """
    name = getattr(function, "__name__", "the function")
    ask = f"begin {name}'s docstring with a sentence that says what the function is for"
    text = getattr(function, "__doc__", None)
    if not isinstance(text, str) or not text.strip():
        raise AssertionError(
            f"the docstring is missing: {ask}. A comment is none, nor is a text with an f before it"
        )
    first = _first_paragraph(text)
    if not first:
        raise AssertionError(f"the first sentence is missing, a section comes first: {ask}")
    own = _own_letters(first)
    if not own and _letters(first):
        raise AssertionError(f"the first sentence is still the placeholder: {ask}")
    if own < FEWEST_LETTERS:
        raise AssertionError(
            f"the first sentence has {own} letters of your own, fewer than {FEWEST_LETTERS}: {ask}"
        )


def _first_paragraph(text: str) -> str:
    """Return the text up to the first empty line or section."""
    # Marks of the writing direction and the like are seen by nobody.
    seen = "".join(mark for mark in text if unicodedata.category(mark) != "Cf")
    lines = [line.strip() for line in seen.strip().splitlines()]
    end = next(
        (
            i
            for i, line in enumerate(lines)
            if not line or _NO_SENTENCE.match("\n".join(lines[i : i + 2]))
        ),
        len(lines),
    )
    return " ".join(lines[:end])


def _own_letters(text: str) -> int:
    """Count the letters that are not the placeholder's, however much of that was kept."""
    words = "".join(mark if _is_letter(mark) else " " for mark in text.casefold()).split()
    blocks = SequenceMatcher(None, words, _PLACEHOLDER, autojunk=False).get_matching_blocks()
    kept = {
        i
        for start, _, size in blocks
        if size >= min(_KEPT_WORDS, len(words))
        for i in range(start, start + size)
    }
    own = [word for i, word in enumerate(words) if i not in kept and (i or word != "todo")]
    return sum(map(_letters, own))


def _letters(text: str) -> int:
    return sum(map(_is_letter, unicodedata.normalize("NFC", text)))


def _is_letter(mark: str) -> bool:
    """Say whether a character is a letter, or a mark that belongs to one, as in Hindi or Thai."""
    return mark.isalpha() or unicodedata.category(mark).startswith("M")
