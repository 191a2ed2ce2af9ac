"""Is a failure of teacher forcing only a delay? `runs`, trained three times as long, both ways.

One training of 4500 updates is looked at three times. On true prefixes the errors are counted
apart at frames that repeat the one before, which to copy is enough, and at frames that change.
"""

from __future__ import annotations

from dataclasses import replace

from course.engine import Parameters, context_from, forward, train
from course.study.measures import CONTEXTS, Values
from course.study.ways import Setting, Way, outcomes
from course.tasks import Task, find_task, held_out

SETTING = Setting("runs")
REGIMES, UPDATES, EVERY = ("p0.00", "p1.00"), 4500, 1500
#: By the name that results have, what a reader calls each look at each training.
TITLES = {
    f"{regime}-updates{updates}": Way(regime, updates).title
    for updates in range(EVERY, UPDATES + 1, EVERY)
    for regime in REGIMES
}
#: Which looks are compared: both ways after as many updates.
PAIRS = tuple(
    (f"p1.00-updates{updates}", f"p0.00-updates{updates}")
    for updates in range(EVERY, UPDATES + 1, EVERY)
)
#: What is measured here alone.


MEASURES = {
    "gold_error_repeats": (3, "fraction", "wrong tokens, true prefix, frames that repeat"),
    "gold_error_changes": (3, "fraction", "wrong tokens, true prefix, frames that change"),
}


def errors_by_frame(task: Task, model: Parameters, columns: int = CONTEXTS) -> Values:
    """Return the fractions of wrong tokens on true prefixes, of frames that repeat and that change.

    Parameters
    ----------
    task : Task
    model : Parameters
    columns : int, optional
        N, how many held-out sequences. The first frame of each is neither, and does not count.
    """
    batch = held_out(task, columns)
    context, tokens = context_from(model, batch.features), batch.tokens
    logits = forward(model.shape.cell_type, model, context, tokens).logits
    wrong, repeats = (logits.argmax(axis=1) != tokens)[1:], tokens[1:] == tokens[:-1]
    return {
        "gold_error_repeats": float(wrong[repeats].mean()),
        "gold_error_changes": float(wrong[~repeats].mean()),
    }


def measured(seed: int) -> dict[str, Values]:
    """Train both ways from one seed; return what was measured at each look."""
    task, found = find_task(SETTING.task), {}
    for regime in REGIMES:
        plan = replace(Way(regime, UPDATES).plan(seed), evaluate_every=EVERY)
        trained = train(
            task.shape(SETTING.cell, SETTING.hidden_dim),
            task.draw,
            plan,
            evaluation=lambda model: outcomes(task, model) | errors_by_frame(task, model),
        )
        for look in trained.history.evaluations:
            found[f"{regime}-updates{look.updates}"] = dict(look.values)
    return {name: found[name] for name in TITLES}
