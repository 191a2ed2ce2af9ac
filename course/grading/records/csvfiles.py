"""Tables as other programs write and read them: CSV in UTF-8, quoted, without live formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from course.bootstrap.files import write_whole
from course.bootstrap.problems import refused

#: What makes a spreadsheet take a cell for a formula, in the usual and in the wide signs: behind
#: spaces too, and, of those that are spaces themselves, at the front.
_SIGNS = tuple("=+-@|%\uff1d\uff0b\uff0d\uff20")
_SPACES = tuple("\t\r\n")


class TableError(ValueError):
    """A table is not there, or not what it should be; the message says what to do."""


@dataclass(frozen=True)
class CsvTable:
    """A table read from a file.

    Attributes
    ----------
    header : tuple of str
        The names of the columns, stripped.
    rows : tuple of tuple of str
        The cells as they were written; every row is as long as the header.
    delimiter : str
        ``","``, ``";"`` or a tab.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str = ","

    def column(self, *names: str) -> int | None:
        """Return where a column is, by any of its names in any case, or None."""
        folded = [title.casefold() for title in self.header]
        return next((folded.index(n.casefold()) for n in names if n.casefold() in folded), None)


def read_table(path: Path) -> CsvTable:
    """Read a CSV file as it was downloaded: UTF-8 with or without a mark, commas or semicolons.

    Raises
    ------
    TableError
        Where it cannot be read, or has no header.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        said = refused(error, path) or f"{path} cannot be read: {error.strerror}"
        raise TableError(said) from error
    except UnicodeDecodeError as error:
        raise TableError(
            f"{path} is not in UTF-8: download it anew, and do not save it from a spreadsheet"
        ) from error
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    lines = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    if not lines:
        raise TableError(f"{path} is empty")
    header = tuple(title.strip() for title in lines[0])
    width = len(header)
    rows = tuple(tuple([*row, *[""] * (width - len(row))][:width]) for row in lines[1:])
    return CsvTable(header, rows, delimiter)


def write_table(
    path: Path,
    header: Sequence[object],
    rows: Iterable[Sequence[object]],
    delimiter: str = ",",
    marked: bool = False,
) -> None:
    """Write a CSV file in UTF-8, whole or not at all.

    ``marked`` puts the mark at its front that tells a spreadsheet that it is UTF-8.
    """
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    # Halves of characters, as a file's name that is no UTF-8 has, become their codes.
    encoding = "utf-8-sig" if marked else "utf-8"
    try:
        write_whole(path, text.getvalue().encode(encoding, "backslashreplace"))
    except OSError as error:
        said = refused(error, path) or f"{path} cannot be written: {error.strerror}"
        raise TableError(said) from error


def is_formula(text: str) -> bool:
    """Say whether a spreadsheet would run a cell instead of showing it.

    >>> [is_formula(text) for text in ("=1+1", " @SUM(A1)", "Ann", "a=b")]
    [True, True, False, False]
    """
    return text.startswith(_SPACES) or text.lstrip().startswith(_SIGNS)


def harmless(text: str) -> str:
    """Return a text that a spreadsheet shows and does not run: an apostrophe before a formula.

    >>> print(harmless("=1+1"), harmless("O'Neil, Ann"))
    '=1+1 O'Neil, Ann
    """
    return f"'{text}" if is_formula(text) else text
