"""Formulas as MathML, which browsers draw without a script: see `drawn`."""

from __future__ import annotations

import html
import xml.etree.ElementTree as ET

#: What a formula is made of; anything else stays as it was written.
_ELEMENTS = frozenset(
    {"math", "mi", "mn", "mo", "ms", "mspace", "mtext", "mrow", "mfrac", "msqrt", "mroot", "mstyle"}
    | {"mpadded", "mphantom", "msub", "msup", "msubsup", "munder", "mover", "munderover"}
    | {"mmultiscripts", "mtable", "mtr", "mtd"}
)
_ATTRIBUTES = frozenset(
    {"xmlns", "display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence", "form"}
    | {"separator", "minsize", "maxsize", "width", "height", "depth", "lspace", "rspace"}
    | {"linethickness", "columnalign", "accent"}
)


def drawn(tex: str, is_block: bool) -> str:
    r"""Return a formula as HTML: MathML, or as it was written where that cannot be.

    Parameters
    ----------
    tex : str
        What stands between the dollar signs; anybody's.
    is_block : bool
        Whether it stands on lines of its own.

    Examples
    --------
    >>> drawn(r"h_t", False)
    '<math display="inline"><semantics><mrow><msub><mi>h</mi><mi>t</mi></msub></mrow>...</math>'
    >>> drawn(r"\text{<script>}", False)
    '<math ...<mtext>&lt;script&gt;</mtext>...\\text{&lt;script&gt;}</annotation>...'
    >>> drawn(r"\href{javascript:alert(1)}{x}", False)
    '$\\href{javascript:alert(1)}{x}$'
    """
    sign = "$$" if is_block else "$"
    as_written = html.escape(f"{sign}{tex}{sign}")
    try:
        # Where a page has no formula nobody waits for it.
        from latex2mathml.converter import convert_to_element

        found = convert_to_element(" ".join(tex.split()), display="block" if is_block else "inline")
    except Exception:  # of a library, about anybody's text
        return as_written
    if any(one.tag not in _ELEMENTS or set(one.attrib) - _ATTRIBUTES for one in found.iter()):
        return as_written
    for one in found.iter():
        one.text = html.unescape(one.text) if one.text else one.text
    # As it was written, for whoever copies it; browsers do not show it.
    whole = ET.Element("math", {"display": found.get("display", "inline")})
    meaning = ET.SubElement(whole, "semantics")
    meaning.extend(found)
    ET.SubElement(meaning, "annotation", {"encoding": "application/x-tex"}).text = tex
    return ET.tostring(whole, encoding="unicode")
