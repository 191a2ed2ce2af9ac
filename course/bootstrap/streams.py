"""Standard output and error that take any text, wherever they lead and whatever becomes of it.

What a command prints must not change what it did: a terminal or a file that cannot show a sign gets
another one, and where nobody reads on, or the disk is full, the command still goes to its end.
Standard library only.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys

HANDLER = "course.plainly"
#: What stands for a sign of ours where it cannot be shown; other letters become ``\uXXXX``.
PLAIN = {
    "✓": "+",
    "✗": "x",
    "·": "~",
    "→": "->",
    "–": "-",
    "—": "-",
    "−": "-",
    "…": "...",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "\xa0": " ",
}


def plainly(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replace what an encoding does not have, as an error handler of `codecs`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wanted = error.object[error.start : error.end]
    shown = "".join(PLAIN.get(sign) or ascii(sign)[1:-1] for sign in wanted)
    return shown, error.end


class PatientStream(io.TextIOWrapper):
    """A text stream that goes on where nobody reads what is written, or nothing can be written."""

    def write(self, text: str) -> int:
        """Write text; where that cannot be done, drop it."""
        try:
            return super().write(text)
        except OSError as error:
            self._let_go(error)
            return len(text)

    def flush(self) -> None:
        """Write what was kept back; where that cannot be done, drop it."""
        try:
            super().flush()
        except OSError as error:
            self._let_go(error)

    def _let_go(self, error: OSError) -> None:
        """Lead what is still to come to nowhere; say so, but for a reader that has gone."""
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
        if not isinstance(error, BrokenPipeError) and self is not sys.stderr:
            print(f"What is printed could not be written: {error.strerror}", file=sys.stderr)


def make_patient() -> None:
    """Make standard output and error of this process take any text."""
    codecs.register_error(HANDLER, plainly)
    _open_what_is_closed()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if type(stream) is io.TextIOWrapper:
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
            patient = PatientStream(
                stream.buffer,
                encoding=stream.encoding,
                errors=HANDLER,
                line_buffering=stream.line_buffering,
                write_through=stream.write_through,
            )
            # The old one would close, at its end, the buffer that both share.
            _kept.append(stream)
            setattr(sys, name, patient)


_kept: list[io.TextIOWrapper] = []


def _open_what_is_closed() -> None:
    """Open to nowhere what was closed when this process began: a pipe would get its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            mode = "r" if number == 0 else "w"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
