"""Parts of a picture that set a slider where they are clicked; ``clicks.js`` is what sets it."""

from __future__ import annotations

from html import escape


def clickable(label: str, value: int, x: float, y: float, width: float, height: float) -> str:
    """Return an unseen part of a picture that sets the slider of this label.

    The slider stays beside it: not everybody has a mouse.

    >>> clickable("step", 3, 10, 20, 16, 38)[:38]
    '<rect data-slider="step" data-to="3" x'
    """
    return (
        f'<rect data-slider="{escape(label)}" data-to="{value}" x="{x:g}" y="{y:g}" '
        f'width="{width:g}" height="{height:g}" style="fill-opacity:0;cursor:pointer"/>'
    )
