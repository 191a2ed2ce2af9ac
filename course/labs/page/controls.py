"""The controls of the labs: each with a label and its unit, and all move by arrow keys."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
from traitlets import CFloat, CInt, Int


class IntSlider(widgets.IntSlider):  # type: ignore[misc]
    """A slider whose value the kernel does not send back to the page that has sent it.

    ipywidgets tells every position to the page once more, for a second page on the same kernel:
    one message that the picture would wait for.
    """

    value = CInt(0).tag(sync=True, echo_update=False)


class FloatSlider(widgets.FloatSlider):  # type: ignore[misc]
    """The same for fractions."""

    value = CFloat(0.0).tag(sync=True, echo_update=False)


class NameSlider(widgets.SelectionSlider):  # type: ignore[misc]
    """The same for names."""

    index = Int(0).tag(sync=True, echo_update=False)


def slider(label: str, value: float, low: float, high: float, step: float) -> Any:
    """Return a slider that arrow keys move; its label says the unit."""
    kind, form = (FloatSlider, ".2f") if isinstance(step, float) else (IntSlider, "d")
    return kind(
        value=value,
        min=low,
        max=high,
        step=step,
        description=label,
        readout_format=form,
        style={"description_width": "initial"},
        layout=widgets.Layout(width="min(100%, 400px)"),
    )


def chooser(label: str, options: Any, value: Any, width_px: int = 300) -> Any:
    """Return a slider over names.

    Not a list to drop down: JupyterLab takes the keys that move in one, arrows up and down, for
    its own, and goes to another cell.
    """
    return NameSlider(
        options=options,
        value=value,
        description=label,
        style={"description_width": "initial"},
        layout=widgets.Layout(width=f"min(100%, {width_px}px)"),
    )


def button(label: str, said: str) -> Any:
    """Return a button; `said` explains it where the mouse rests."""
    return widgets.Button(
        description=label, tooltip=said, layout=widgets.Layout(width="auto", min_width="5em")
    )
