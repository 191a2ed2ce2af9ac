"""The controls of the labs, each with a label: numbers have sliders, names have buttons."""

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


class StopSlider(widgets.SelectionSlider):  # type: ignore[misc]
    """The same for a few numbers."""

    index = Int(0).tag(sync=True, echo_update=False)


class NameButtons(widgets.ToggleButtons):  # type: ignore[misc]
    """The same for names, a button each."""

    index = Int(None, allow_none=True).tag(sync=True, echo_update=False)


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


def stops(label: str, options: Any, value: float) -> Any:
    """Return a slider that stops at some numbers alone."""
    return StopSlider(
        options=options,
        value=value,
        description=label,
        style={"description_width": "initial"},
        layout=widgets.Layout(width="min(100%, 400px)"),
    )


def chooser(label: str, options: Any, value: Any) -> Any:
    """Return a button for each name.

    Not a list to drop down: JupyterLab takes the keys that move in one, arrows up and down, for
    its own, and goes to another cell.
    """
    return NameButtons(
        options=options,
        value=value,
        description=label,
        style={"description_width": "initial", "button_width": "auto"},
        layout=widgets.Layout(width="auto", max_width="100%"),
    )


def button(label: str, said: str) -> Any:
    """Return a button; `said` explains it where the mouse rests."""
    return widgets.Button(
        description=label, tooltip=said, layout=widgets.Layout(width="auto", min_width="5em")
    )
