"""The learner's own experiment: two ways of training on paired seeds, with a form filled in before.

The form is plain Python in a cell of the learner's, so that it is saved with the notebook:

    form = {
        "hypothesis": "Write here what you claim, and why.",
        "direction": "lower",  # of B beside A: lower, higher or same
        "measure": "own_prefix_error",
        "held_out": 1000,  # sequences
        "seeds": 5,
        "change_my_mind": "Write here which result would change your mind.",
    }

    lab = labs.experiment(form=form, interval=paired_interval)
    print(lab.record())  # in a later cell: form and result as text, saved with the notebook
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course.figures.sheet import charts_sheet
from course.labs.experiment.charts import MeasureShown, differences, pairs
from course.labs.experiment.form import TASKS
from course.labs.experiment.state import OWN, READY, SETTINGS, WAYS, PairedExperiment, settings_of
from course.labs.experiment.verdict import IntervalOf
from course.labs.page.background import BackgroundView
from course.labs.page.controls import chooser, slider
from course.labs.page.models import heading
from course.tasks import shown
from course.trained import results
from course.trained.regimes import find_regime

__all__ = ["experiment"]


class ExperimentView(BackgroundView):
    """The lab; a hypothesis that is ready sets all other controls."""

    state: PairedExperiment
    _filling = False

    def _changed(self, name: str, value: Any) -> None:
        super()._changed(name, value)
        if name == "ready" and value in READY:
            self.guarded(lambda: self._fill(settings_of(READY[value])))
        elif name in SETTINGS and not self._filling and not self.state.is_ready_made:
            self.controls["ready"].value = OWN

    def _fill(self, settings: dict[str, Any]) -> None:
        self._filling = True
        try:
            for name, value in settings.items():
                self.controls[name].value = value
        finally:
            self._filling = False

    def record(self) -> str:
        """Return form and result as text, to be printed in a cell and so saved."""
        return self.state.record()


def experiment(
    prediction: str | None = None,
    *,
    form: object = None,
    interval: Callable[..., Any] | None = None,
) -> ExperimentView:
    """Open the lab.

    Parameters
    ----------
    prediction : str, optional
        What the learner wrote down besides the form.
    form : dict, optional
        What the learner wrote down before: see above. Without it nothing is trained.
    interval : callable, optional
        The learner's ``paired_interval``; the lab's own without it.
    """
    state = PairedExperiment(form=form, interval=interval)
    tasks = [(shown(name).short, name) for name in TASKS]
    controls = {
        "ready": chooser("hypothesis", [OWN, *READY], state.ready),
        "task": chooser("task", tasks, state.task),
        "cell": chooser("cell", [(one.upper(), one) for one in ("rnn", "lstm", "gru")], state.cell),
        "a": chooser("A: sampling_prob in training", list(WAYS), state.a),
        "updates_a": slider("steps of A (updates)", state.updates_a, 200, 4000, 100),
        "b": chooser("B: sampling_prob in training", list(WAYS), state.b),
        "updates_b": slider("steps of B (updates)", state.updates_b, 200, 4000, 100),
    }
    begins = "Train A and B from the same weights on the same batches, seed by seed"
    return ExperimentView(
        state, controls, prediction, begins, "Stop; the seeds that both have done stay"
    )


def still() -> str:
    """Draw what the course's models of the oscillation came to; no hypothesis is given away."""
    measure, ways = "own_prefix_error", ("p0.00", "p0.50")
    a, b = (list(results.find(f"osc/gru/{way}/{measure}").values) for way in ways)
    shows = MeasureShown.of(measure)
    charts = pairs(a, b, shows, ways), differences(a, b, shows, IntervalOf(None)(a, b))
    of_a, of_b = (find_regime(way).title for way in ways)
    return charts_sheet(f"{heading('osc', 'gru')}. A: {of_a}. B: {of_b}.", charts, columns=2)
