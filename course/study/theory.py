"""What mathematics says of a task before any training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course.exposure import kl_by_step
from course.tasks import Task, held_out
from course.tasks.chain import closed_form_kl, closed_form_repeat
from course.tasks.ring import PLACES, SLIP
from course.trained.regimes import find_regime

Values = dict[str, float]


def of_the_chain(task: Task, variant: str, regimes: tuple[str, ...]) -> dict[str, Values]:
    """Return what training finds at best, by the regime (Huszar 2015)."""
    of_one, known = float(variant or 0.5), {}
    for regime in map(find_regime, regimes):
        given = (np.array(regime.sampling_prob or 0.0), of_one, regime.choice)
        known[regime.name] = {
            "repeat_0": float(closed_form_repeat(*given, token=0)),
            "repeat_1": float(closed_form_repeat(*given, token=1)),
            "kl_nats": float(closed_form_kl(*given)),
        }
    return known


def of_a_ring_with_slips(task: Task, *_given: Any) -> dict[str, Values]:
    """Return what no model of a ring with slips can beat, running free by argmax.

    It cannot foresee a slip. Of a walker that goes on from where it slipped, the likeliest place
    remains that of no slip at all.
    """
    kept, off = 1 - SLIP, SLIP / 2
    place, errors = np.eye(PLACES)[0], []
    for _step in range(task.steps):
        place = kept * place + off * (np.roll(place, 1) + np.roll(place, -1))
        errors.append(1 - place[0])
    best = {
        "gold_prefix_error": SLIP,
        "own_prefix_error": float(np.mean(errors)) if task.prefix_matters else SLIP,
        "nll_nats": -kept * np.log(kept) - 2 * off * np.log(off),
        "eps_nats": 0.0,
        "own_nats": 0.0,
    }
    return {"best": best}


def of_a_guess(task: Task, *_given: Any) -> dict[str, Values]:
    """Return how far even guessing is from a truth that is as sure after any prefix."""
    assert task.truth is not None
    tokens = np.zeros((task.steps, 1), int)
    log_p = task.truth(held_out(task, 1))(tokens)
    away = float(kl_by_step(log_p, np.full_like(log_p, -np.log(task.classes))).mean())
    return {"guess": {"eps_nats": away, "own_nats": away}}


#: Takes a task, the variant of its training data, and names of regimes.
Theory = Callable[..., dict[str, Values]]
#: Tasks of which something is known.
THEORIES: dict[str, Theory] = {
    "chain": of_the_chain,
    "ring_measured": of_a_ring_with_slips,
    "ring_process": of_a_ring_with_slips,
    "momentum": of_a_guess,
}
