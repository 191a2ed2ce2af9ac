"""A student's prose in the graded copy: pictures to be seen, nothing that runs or loads anything.

nbgrader's pages show prose as it is, so what would run in the browser of whoever grades is made
plain text here. Pictures that were pasted into a cell are kept: however a notebook program spelled
their names, the graded copy has them under plain ones, in the one form that every renderer reads.
"""

from __future__ import annotations

import base64
import html
import itertools
import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from nbformat.notebooknode import NotebookNode

from course.grading.judge.cells import is_picture, safe_tex

#: A file beside the notebook that a browser shows and does not run; formgrader serves any.
_BESIDE = r"(?!\S*\.\.)\w[\w./-]*\.{}(?=[\s)]|$)"
_FILE = _BESIDE.format("(?:png|jpe?g|gif|webp|txt|csv|py|md|ipynb)")
#: A Markdown picture, from its bracket on, that is beside the notebook. Whatever a parser may take
#: for the end of a bracket is left out of its text.
_PICTURE_BESIDE = re.compile(
    rf"\[[^\[\]\\`<$]*\]\({_BESIDE.format('(?:png|jpe?g|gif|webp)')}", re.ASCII | re.IGNORECASE
)
#: The middle of a Markdown link that leads neither to a page nor to a file beside the notebook.
_ODD_LINK = re.compile(
    rf"\](\(|:)(?!\s*(?:https?://|mailto:|attachment:|#|{_FILE}))", re.IGNORECASE
)
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
#: The text of a link or picture, brackets in pairs within it, and a backslash before any sign.
_TEXT = r"(?:[^\[\]\\]|\\.|\[(?:[^\[\]\\]|\\.|\[(?:[^\[\]\\]|\\.)*\])*\])*"
_INLINE = re.compile(rf"!\[(?P<alt>{_TEXT})\]\(\s*", re.DOTALL)
_BY_REFERENCE = re.compile(rf"!\[(?P<alt>{_TEXT})\](?:\[(?P<label>{_TEXT})\])?(?!\()", re.DOTALL)
_DEFINITION = re.compile(
    r"^ {0,3}\[(?P<label>[^\[\]\n]+)\]:[ \t]*\n?[ \t]*(?P<target><?attachment:[^\n]*)$",
    re.MULTILINE,
)
_IMG = re.compile(r"<img\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_ATTRIBUTE = r"""\b{}\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))"""
_SRC, _ALT = (re.compile(_ATTRIBUTE.format(name), re.IGNORECASE) for name in ("src", "alt"))
_TITLE = re.compile(r"""\s+(?:"[^"]*"|'[^']*'|\([^()]*\))\s*$""")
#: A picture's ending with a size, which some notebook programs write.
_SIZE = re.compile(r"\s+=\d*x\d*\s*$")
#: What a renderer may take for the beginning of something else, in a picture's text.
_MEANS_SOMETHING = re.compile(r"[<>`$&|!{}\\]")
#: A backslash that stands for nothing but the sign behind it.
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
_MIMES = {ending: mime for mime, ending in _ENDINGS.items()} | {"jpeg": "image/jpeg"}
#: A larger picture beside the notebook is shown as a link.
MOST_BESIDE = 16 * 2**20
#: Prose of more characters than this in a cell, or in all cells of a notebook together, is shown as
#: it was typed: what it takes to format a text may grow with the square of its length.
MOST_FORMATTED, MOST_TOGETHER = 20_000, 200_000
MOST_SHOWN = 200_000
#: What is nobody's prose, but a picture written out in letters.
_RUN = re.compile(r"([A-Za-z0-9+/=%]{40})[A-Za-z0-9+/=%]{1000,}")
#: Stand around a picture's number while the text around it is made harmless; taken out of it first.
_OPEN, _CLOSE = "\ue000", "\ue001"


def disarm(cells: list[NotebookNode], given: set[str], folder: Path | None = None) -> None:
    """Make plain text of HTML in a student's prose, and of links that would run something.

    Parameters
    ----------
    cells : list of NotebookNode
        Changed in place.
    given : set of str
        Texts of the instructor's, which stay as they are.
    folder : Path, optional
        Where pictures lie that were handed in beside the notebook.
    """
    room = MOST_TOGETHER
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source not in given:
            pictures = _Pictures(cell.get("attachments", {}), folder)
            text = _RUN.sub(r"\1...", cell.source)
            room -= len(text)
            if len(text) > MOST_FORMATTED or room < 0:
                cell.source = f"{_unformatted(text)}{pictures.behind()}"
            else:
                cell.source = pictures.shown(text, _harmless)
            if pictures.attachments:
                cell["attachments"] = pictures.attachments
            else:
                cell.pop("attachments", None)


def _unformatted(text: str) -> str:
    """Return prose as a block of code, whose rendering takes no longer than its length tells."""
    fence = "`" * (3 + max(map(len, re.findall("`+", text)), default=0))
    told = f"This text is shown as it was typed: it has {len(text)} characters"
    if len(text) > MOST_SHOWN:
        told += f", of which these are the first {MOST_SHOWN}"
    return f"**{told}.**\n\n{fence}\n{_harmless(text[:MOST_SHOWN])}\n{fence}"


def _harmless(text: str) -> str:
    text = _ODD_LINK.sub(r"] \1", _TAG.sub("< ", text))
    # Pictures from a server, which would know who looks, and such as are not there, become links.
    text = re.sub(r"!(?=\[)", lambda s: "!" if _PICTURE_BESIDE.match(text, s.end()) else "! ", text)
    return safe_tex(text)


class _Pictures:
    """The pictures of one cell, and the places in its text that show them.

    Parameters
    ----------
    attachments : mapping
        As the notebook has them: by name, then by MIME type.
    folder : Path, optional
        Where pictures lie that were handed in beside the notebook; those shown become attachments.

    Attributes
    ----------
    attachments : dict
        By plain names; what is no picture is left out.
    """

    def __init__(self, attachments: Mapping[str, Any], folder: Path | None = None) -> None:
        bundles = {
            name: {mime: data for mime, data in bundle.items() if is_picture(mime, data)}
            for name, bundle in attachments.items()
            if isinstance(bundle, Mapping)
        }
        self._plain: dict[str, str] = {}
        self.attachments: dict[str, dict[str, str]] = {}
        for name in sorted(bundles, key=lambda name: not _PLAIN_NAME.fullmatch(name)):
            if bundles[name]:
                self._attach(name, bundles[name])
        #: By each spelling; the more exact ones are looked up first.
        self._known = [{_spelled(how, name): name for name in self._plain} for how in range(3)]
        self._folder = folder
        self._shown: list[str] = []
        self._used: set[str] = set()

    def _attach(self, name: str, bundle: dict[str, str]) -> None:
        plain = _plain_name(name, next(iter(bundle)), self.attachments)
        self._plain[name], self.attachments[plain] = plain, bundle

    def shown(self, text: str, harmless: Callable[[str], str]) -> str:
        """Return the text made harmless, with its pictures in one plain form."""
        text = text.replace(_OPEN, "").replace(_CLOSE, "")
        text = _IMG.sub(self._of_tag, text)
        text = "".join(self._inline(text))
        text = harmless(self._referred(text))
        left = [name for name in self._plain if name not in self._used]
        is_named = "attachment:" in text
        text = re.sub(f"{_OPEN}(\\d+){_CLOSE}", lambda s: self._shown[int(s[1])], text)
        if is_named and left:  # in a way that nothing could be made of
            text += self.behind(left)
        return text

    def behind(self, names: Iterable[str] | None = None) -> str:
        """Return what shows pictures behind a text, all where no names are given."""
        shown = self._plain if names is None else names
        return "".join(f"\n\n{self._picture('picture', name)}" for name in shown)

    def _name(self, target: str) -> str | None:
        """Return the attachment that a target such as ``attachment:my%20picture.png`` means."""
        target = html.unescape(target.strip().removeprefix("<").removesuffix(">").strip())
        if not target.lower().startswith("attachment:"):
            return self._beside(target) or self._beside(unquote(target))
        said = target[len("attachment:") :]
        for how, known in enumerate(self._known):
            for way in (said, unquote(said), _ESCAPE.sub("", said)):
                if name := known.get(_spelled(how, way.strip())):
                    return name
        return None

    def _beside(self, target: str) -> str | None:
        """Attach a picture that was handed in beside the notebook; return its name."""
        ending = _MIMES.get(target.rpartition(".")[2].lower(), "")
        place = PurePosixPath(target)
        if (
            not (self._folder and ending)
            or ".." in place.parts
            or ":" in target
            or place.is_absolute()
        ):
            return None
        path, name = self._folder / place, f"beside/{place}"
        try:
            steps = [self._folder / part for part in (place, *place.parents)][:-1]
            if any(step.is_symlink() for step in steps) or not path.is_file():
                return None
            if path.stat().st_size > MOST_BESIDE:
                return None
            data = base64.b64encode(path.read_bytes()).decode("ascii")
        except (OSError, ValueError):  # a name that no file can have
            return None
        if data and name not in self._plain:
            self._attach(name, {ending: data})
        return name if data else None

    def _keep(self, alt: str, name: str) -> str:
        """Return what stands for a picture until the text around it is harmless."""
        self._shown.append(self._picture(alt, name))
        return f"{_OPEN}{len(self._shown) - 1}{_CLOSE}"

    def _picture(self, alt: str, name: str) -> str:
        self._used.add(name)
        alt = _ESCAPE.sub("", html.unescape(alt)).translate({91: "(", 93: ")"})
        words = _MEANS_SOMETHING.sub(" ", alt).split()
        return f"![{' '.join(words)}](attachment:{self._plain[name]})"

    def _of_tag(self, tag: re.Match[str]) -> str:
        source, alt = _SRC.search(tag[0]), _ALT.search(tag[0])
        target = _value(source)
        name = self._name(target)
        return tag[0] if name is None else self._keep(_value(alt) or "picture", name)

    def _inline(self, text: str) -> Iterator[str]:
        """Yield the text, marks in the place of pictures such as ``![alt](attachment:name)``."""
        place = 0
        while found := _INLINE.search(text, place):
            end = text.find("\n", found.end())
            line = text[found.end() : end if end >= 0 else len(text)]
            name, length = None, 0
            for close in (m.start() for m in itertools.islice(re.finditer(r"\)", line), 20)):
                target = _SIZE.sub("", _TITLE.sub("", line[:close]))
                if name := self._name(target):
                    length = close + 1
                    break
            yield text[place : found.start()]
            if name is None:
                yield text[found.start() : found.start() + 1]
                place = found.start() + 1
            else:
                yield self._keep(found["alt"], name)
                place = found.end() + length
        yield text[place:]

    def _referred(self, text: str) -> str:
        """Put marks in the place of pictures whose target stands elsewhere in the text."""
        targets: dict[str, str] = {}

        def noted(definition: re.Match[str]) -> str:
            name = self._name(_TITLE.sub("", definition["target"]))
            if name is None:
                return definition[0]
            targets.setdefault(_label(definition["label"]), name)
            return ""

        def kept(use: re.Match[str]) -> str:
            name = targets.get(_label(use["label"] or use["alt"]))
            return use[0] if name is None else self._keep(use["alt"], name)

        text = _DEFINITION.sub(noted, text)
        return _BY_REFERENCE.sub(kept, text) if targets else text


def _value(found: re.Match[str] | None) -> str:
    return html.unescape(next((g for g in found.groups() if g is not None), "")) if found else ""


def _label(text: str) -> str:
    return " ".join(text.split()).casefold()


def _spelled(how: int, name: str) -> str:
    """Return a name as it is (0), its letters composed (1), also decoded and in one case (2)."""
    if how == 0:
        return name
    composed = unicodedata.normalize("NFC", name)
    return composed if how == 1 else unquote(composed).casefold()


def _plain_name(name: str, mime: str, taken: Container[str]) -> str:
    """Return a name for an attachment that every renderer finds, and no other one has."""
    if _PLAIN_NAME.fullmatch(name):
        return name
    numbered = (f"picture-{n}.{_ENDINGS[mime]}" for n in itertools.count(1))
    return next(new for new in numbered if new not in taken)
