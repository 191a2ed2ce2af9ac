"""What all labs look like: controls, a picture, a line of words, the prediction.

A view only binds: a control sets an attribute of the state, and the state's picture and words are
shown. The state computes, and knows nothing of widgets.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import ipywidgets as widgets

from course.bootstrap.words import told
from course.figures import cards, chart, things
from course.labs.page.state import State
from course.labs.page.turns import Turns

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

log = logging.getLogger(__name__)

#: A slice of work that a picture waits for, and one that nobody waits for yet.
SLICE_S, FIRST_SLICE_S = 0.012, 0.006
#: Until a picture has left the kernel: work would take the interpreter from who sends it. What
#: completes the picture waits less long than what is only likely to be wanted.
LEFT_S, SENT_S = 0.03, 0.08
#: After so long without a picture nobody waits for one, and an event is answered while it is
#: handled, not in the turn after: in between, the kernel tells the page that it is idle.
QUIET_S = 0.05
#: A picture that takes longer is shown as far as it is, again and again.
LATE_S = 1.0
#: After so long without a new picture the still one, which the notebook keeps, becomes that one.
KEPT_S = 0.8

#: What stands in the cell of a prediction before anything is written there.
NOT_YET = "Write your prediction here."

#: How it looks; and what runs in the page when it gets that, each time it shows a lab.
_CSS, *_SCRIPTS = (
    Path(__file__).with_name(name).read_text(encoding="utf-8")
    for name in ("lab.css", "aloud.js", "clicks.js", "waits.js")
)
_STYLE = f"{chart.STYLE}{cards.STYLE}{things.STYLE}{_CSS}"

#: Where the page says that the kernel has not heard yet; another number for each time that it has.
_HEARD = '<p data-heard="{}"></p>'

#: The lab that stands in each cell, by the cell's id: a cell that is run again closes its old one.
_SHOWN: weakref.WeakValueDictionary[str, LabView] = weakref.WeakValueDictionary()


class LabView:
    """Controls bound to a state.

    Parameters
    ----------
    state : State
    controls : mapping of str to widget
        By the attribute of the state that each one's value sets.
    prediction : str or None
        What the learner wrote down before; None where the lab was opened without asking.
    buttons : sequence of widget
        What else stands among the controls.
    below : sequence of widget
        What stands between the picture and the words.
    """

    def __init__(
        self,
        state: State,
        controls: Mapping[str, Any],
        prediction: str | None = None,
        buttons: tuple[Any, ...] = (),
        below: tuple[Any, ...] = (),
    ) -> None:
        self.state = state
        self.controls = dict(controls)
        self.lock = threading.RLock()
        self.turns = Turns(self._work)
        self._wanted, self._pending, self._news, self._ahead = True, False, True, False
        self.style = widgets.HTML(f'<style onload="{escape("".join(_SCRIPTS))}">{_STYLE}</style>')
        self.style.layout.display = "none"
        self.picture, self.words, self.message = (widgets.HTML() for _ in range(3))
        self.words.add_class("course-said")
        self.prediction = widgets.HTML(prediction_html(prediction))
        self.heard = widgets.HTML(_HEARD.format(0))
        self.heard.add_class("course-heard")
        self._heard = 0
        for one in buttons:
            if isinstance(one, widgets.Button):
                one.on_click(lambda _: self._hear())
        for name, control in self.controls.items():
            control.observe(lambda change, name=name: self._changed(name, change["new"]), "value")
        row = widgets.Box(
            [*self.controls.values(), *buttons, self.heard],
            layout=widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="2px 18px"),
        )
        self.box = widgets.VBox(
            [self.style, row, self.message, self.picture, *below, self.words, self.prediction],
            layout=widgets.Layout(max_width="100%"),
        )
        self.box.add_class("course-lab")
        self._replace_the_old_one()
        self._said, self._wrong, self._shown_s = "", "", 0.0
        self._still: DisplayHandle | None = None
        self._still_id = uuid4().hex
        self._kept, self._keeps = "", False
        self._work(idle=False)  # so that there is a picture from the first
        self.turns.request()

    def set(self, **values: Any) -> None:
        """Set attributes of the state, and have it shown."""
        with self.lock:
            for name, value in values.items():
                setattr(self.state, name, value)
            self._wanted = True
        self.turns.request()

    def guarded(self, call: Any) -> Any:
        """Call; show and log what it raises, since a page shows nothing of what a callback does."""
        try:
            return call()
        except Exception as error:
            log.exception("the lab failed")
            self.message.value = (
                f'<div class="course-message course-lab-failed" role="alert">The lab itself '
                f"failed, which is not your fault: {escape(told(error))}"
                "</div>"
            )
            return False

    def close(self) -> None:
        """Stop working, and take the widgets off the page."""
        self.turns.close()
        for widget in (*self.box.children[1].children, *self.box.children, self.box):
            widget.close()

    def _hear(self) -> None:
        """Tell the page that what was set or pressed has come: see ``waits.js``."""
        self._heard += 1
        self.heard.value = _HEARD.format(self._heard)

    def _changed(self, name: str, value: Any) -> None:
        self._hear()
        self._news = True
        quiet = time.perf_counter() > self._shown_s + QUIET_S
        self.guarded(lambda: self.set(**{name: value}))
        if quiet and self._wanted:
            self._work(idle=False)

    def _work(self, idle: bool) -> bool:
        return bool(self.guarded(lambda: self._slice(idle)))

    def _slice(self, idle: bool) -> bool:
        with self.lock:
            if self._wanted:
                self._wanted = False
                self._pending = self.state.advance(FIRST_SLICE_S)
                self._show()
            elif self._pending:
                if idle and time.perf_counter() < self._shown_s + LEFT_S:
                    return True
                self._pending = self.state.advance(SLICE_S)
                late = time.perf_counter() > self._shown_s + LATE_S
                if late or not self._pending or self.state.message() != self._wrong:
                    self._show()
            elif not (idle and self._news):
                self._keep_soon()
                return False
            elif time.perf_counter() < self._shown_s + SENT_S:
                return True
            elif self.state.ahead(SLICE_S):
                self._ahead = True
            else:
                self._news = False
                if self._ahead:  # the picture shows what was made ahead, too
                    self._ahead = False
                    self._show()
                self._keep_soon()
                return False
            return True

    def _show(self) -> None:
        self.picture.value = (
            f'<div class="course-pictures" data-key="{escape(self.state.key())}">'
            f"{self.state.picture()}</div>"
        )
        words = self.state.words()
        self.words.value = f'<p class="course-words">{escape(words)}</p>'
        self._wrong = wrong = self.state.message()
        self.message.value = (
            f'<div class="course-message" role="alert">{escape(wrong)}</div>' if wrong else ""
        )
        self._shown_s = time.perf_counter()
        self._said = f"{wrong}\n{words}".strip()

    def _keep_soon(self) -> None:
        """Have the still picture become what is shown, once that has stayed for a while."""
        if self._still is not None and not self._keeps and self.turns.has_loop():
            self._keeps = True
            stays_s = max(self._shown_s + KEPT_S - time.perf_counter(), 0.0)
            self.turns.later(stays_s, lambda: self.guarded(self._keep))

    def _keep(self) -> None:
        """Put what is shown into the output of the lab's cell, in place of what stood there."""
        with self.lock:
            self._keeps = False
            if self._still is None or self._wanted or self._pending or not self.state.settled():
                return  # what completes the picture asks again
            still = self.still_html()
            if time.perf_counter() < self._shown_s + KEPT_S:
                self._keep_soon()
            elif still != self._kept:
                self._kept = still
                self._still.update({"text/html": still}, raw=True)

    def _replace_the_old_one(self) -> None:
        cell = cell_id()
        if cell:
            old = _SHOWN.get(cell)
            if old is not None:
                old.close()
            _SHOWN[cell] = self

    def _ipython_display_(self) -> None:
        """Show the widgets, and before them what is seen where they are no more.

        Once the kernel has ended there is no model of a widget, but the output of the cell is kept,
        and in it the last picture that stayed for a while.
        """
        from IPython.display import display

        self._kept = self.still_html()
        self._still = display({"text/html": self._kept}, raw=True, display_id=self._still_id)
        display(self._repr_mimebundle_(), raw=True)
        self._keep_soon()

    def still_html(self) -> str:
        """Return what is shown, below the sentence that helps; hidden by the lab."""
        texts = (widget for widget in self.box.children[2:] if isinstance(widget, widgets.HTML))
        shown = "".join(text.value for text in texts)
        return (
            f'<style>{_STYLE}</style><div class="course-still" data-still="{self._still_id}">'
            '<p class="course-message">'
            "The picture stands still: this lab was opened in an earlier session, or this page "
            "shows no widgets. <b>Run this cell again</b>, and those above it, to move it.</p>"
            f"{shown}</div>"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widgets; without a page, the words."""
        bundle = self.box._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        return {**(data or {}), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return self._said


def cell_id() -> str:
    """Return the id of the cell that runs, empty where that is not known."""
    try:
        from IPython import get_ipython

        shell = get_ipython()
        parent = shell.kernel.get_parent("shell")
        return str(parent["metadata"].get("cellId", ""))
    except (ImportError, AttributeError, KeyError, TypeError):
        return ""


def prediction_html(prediction: object) -> str:
    """Return the learner's prediction, a text or a bare number, to be seen beside the result."""
    if prediction is None:
        return ""
    said = str(prediction).strip()
    if said in ("", NOT_YET):
        return (
            '<div class="course-prediction">No prediction yet: write one in the cell above and run '
            "both cells again. Being wrong first is what makes it stick.</div>"
        )
    return f'<div class="course-prediction"><b>You predicted:</b> {escape(said)}</div>'
