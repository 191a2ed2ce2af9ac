"""What is known of a task before any decoder is trained: from mathematics, or by least squares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course.engine import Batch
from course.engine.numerics import Array, one_hot
from course.exposure import Oracle, js_by_step, kl_by_step
from course.study.measures import CONTEXTS
from course.tasks import Task, held_out
from course.tasks.chain import closed_form_kl, closed_form_repeat
from course.tasks.ring import PLACES, SLIP
from course.trained.regimes import find_regime

Values = dict[str, float]

#: Sequences that are drawn to meet each of a pool at least once.
DRAWN = 30_000


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
    """Return what no model of a ring with slips can beat, and what the truth itself does run free.

    No model can foresee a slip. Of a walker that goes on from where it slipped, the likeliest
    place remains that of no slip at all. Drawn from the truth, a walk slips as often as the data
    do, at other steps.
    """
    kept, off = 1 - SLIP, SLIP / 2
    place, wrong, drawn_wrong = np.eye(PLACES)[0], [], []
    for _step in range(task.steps):
        slipped = kept * place + off * (np.roll(place, 1) + np.roll(place, -1))
        wrong.append(1 - slipped[0])
        drawn_wrong.append(1 - slipped @ slipped)
        place = slipped if task.prefix_matters else place
    assert task.truth is not None
    batch = held_out(task, CONTEXTS)
    truth = task.truth(batch)
    apart = js_by_step(truth(batch.tokens), truth(likeliest(truth, batch.tokens.shape)))
    best = {
        "gold_prefix_error": SLIP,
        "own_prefix_error": float(np.mean(wrong)),
        "nll_nats": -kept * np.log(kept) - 2 * off * np.log(off),
        "js_last_nats": float(apart[-1].mean()),
        "eps_nats": 0.0,
        "own_nats": 0.0,
        "drawn_error": float(np.mean(drawn_wrong[:-1])),
        "slips": 0.0,
        "drawn_slips": SLIP,
    }
    return {"best": best}


def likeliest(truth: Oracle, shape: tuple[int, ...]) -> Array:
    """Return what the truth itself writes, (T, N), fed its likeliest token at every step."""
    tokens = np.zeros(shape, int)
    for t in range(len(tokens)):
        tokens[t] = truth(tokens)[t].argmax(axis=0)
    return tokens


def of_a_linear_map(task: Task, *_given: Any) -> dict[str, Values]:
    """Return how often least squares guesses a token wrong, one step at a time and without a state.

    ``context`` sees the context alone, so that it is the same on every prefix; ``prefix`` sees the
    true tokens before as well. Both see each training sequence of a pool once.
    """
    drawn, test = task.draw(DRAWN, np.random.default_rng(0)), held_out(task, CONTEXTS)
    each = np.unique(np.concatenate([drawn.tokens, drawn.features]), axis=1, return_index=True)[1]
    train = drawn.take(each)

    def seen(batch: Batch, before: int) -> Array:
        """Return what is known of each sequence: 1, the context, and so many tokens."""
        columns = batch.tokens.shape[1]
        prefix = one_hot(batch.tokens[:before], task.classes).reshape(-1, columns)
        return np.concatenate([np.ones((1, columns)), batch.features, prefix]).T

    def wrong(sees_the_prefix: bool) -> float:
        errors = []
        for t in range(task.steps):
            before, right = t if sees_the_prefix else 0, one_hot(train.tokens[t], task.classes).T
            weights = np.linalg.lstsq(seen(train, before), right)[0]
            errors.append((seen(test, before) @ weights).argmax(axis=1) != test.tokens[t])
        return float(np.mean(errors))

    alone = wrong(sees_the_prefix=False)
    return {
        "context": {"gold_prefix_error": alone, "own_prefix_error": alone},
        "prefix": {"gold_prefix_error": wrong(sees_the_prefix=True)},
    }


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
    "digits": of_a_linear_map,
    "ring_measured": of_a_ring_with_slips,
    "ring_process": of_a_ring_with_slips,
    "momentum": of_a_guess,
}
