"""A page's elements, as a test reads them."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

#: Elements that have no end.
VOID = frozenset({"meta", "wbr", "path", "use", "rect"})


class Elements(HTMLParser):
    """Collects elements with their attributes, all text, and what scripts and styles hold.

    With ``nested`` it complains where elements do not lie within one another.
    """

    def __init__(self, text: str, nested: bool = False) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.inside: list[tuple[str, str]] = []
        self.text = ""
        self._nested, self._open = nested, list[str]()
        self.feed(text)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if self._nested and tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert not self._nested or tag in VOID or self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.cdata_elem:
            self.inside.append((self.cdata_elem, data))
        self.text += data

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.seen if name == tag]

    def attributes(self) -> Iterator[tuple[str, str, str]]:
        for tag, attributes in self.seen:
            for name, value in attributes.items():
                yield tag, name, value
