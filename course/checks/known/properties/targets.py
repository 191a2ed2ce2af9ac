"""Read what a decoder feeds at each step, and say how it comes from what should be fed.

The inputs are read off the logits by `course.checks.known.inputs.lens`, in a call of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from course.checks.cells.coins import softmax
from course.checks.cells.examples import Array
from course.checks.known.asking import Calls
from course.checks.known.features import equal
from course.checks.known.inputs.fed import (
    OWN_SIDE,
    TRUE_SIDE,
    Inputs,
    came_from,
    first_input,
    near,
    one_hot,
)
from course.checks.known.inputs.lens import lens
from course.checks.known.properties.starts import STEPS, holds, read
from course.checks.known.told import Told


def fed_in_place_of_the_target(calls: Calls, cell: str) -> Iterator[Told]:
    """Find how the inputs of teacher forcing are made of the rows of target_seq."""
    _, targets, params = lens(cell, STEPS)
    found = _read(calls, cell)
    if found is None:
        return
    fed, logits = found
    if near(fed[1:], targets[:-1]).all():
        return
    start = params["x_start"]
    before = targets[:-1]
    for make, what in _OF_TARGETS:
        with np.errstate(all="ignore"):
            if _alike(fed[1:], make(before, start)):
                yield _of_inputs(f"the input of step t is {what}; feed target_seq[t-1] itself.")
                return
    words = _sums(fed, before, start, logits[:-1])
    if words:
        due = (
            "feed one of the two tokens, as the coin falls, and no mix"
            if "sampling_prob" in calls.names and "logits[t-1]" in words
            else "feed target_seq[t-1] itself"
        )
        yield _of_inputs(f"the input of step t is {words}; {due}.")
        return
    own = one_hot(logits[:-1].argmax(axis=1))
    wrong = np.flatnonzero(~near(fed[1:], before)) + 1
    if near(fed[wrong], own[wrong - 1]).all():
        yield _of_inputs(
            f"{_steps(wrong)} fed the model's own token, the argmax of the row before; feed "
            "target_seq[t-1] at every step t > 0."
        )
        return
    if not _is_read_again(calls, cell, fed):
        return  # the rows are changed, so that no input can be read off them
    t = int(wrong[0])
    yield _of_inputs(
        f"{_steps(wrong)} fed another vector than target_seq[t-1]: step {t} is fed "
        f"{_vector(fed[t])}, where target_seq[{t - 1}] is {_vector(before[t - 1])}."
    )


def feeds_its_own(calls: Calls, cell: str) -> Iterator[Told]:
    """Find a decoder that runs free where target_seq should be fed."""
    found = _read(calls, cell)
    if found is None:
        return
    fed, logits = found
    if near(fed[1:], one_hot(logits[:-1].argmax(axis=1))).all():
        yield _of_inputs(
            "every step t > 0 is fed the model's own token, the argmax of the row before: that is "
            "free running. Feed target_seq[t-1]."
        )


def chosen_tokens(calls: Calls, cell: str) -> Iterator[Told]:
    """Find which tokens a decoder that runs free feeds, by their rank in the row before."""
    found: list[tuple[Array, Array, Array]] = []
    inputs: list[Inputs] = []
    for stays, flat in ((False, 1.0), (True, 1.0), (False, 0.1)):
        seen = _inputs(calls, cell, stays, flat)
        if seen is None:
            return
        inputs.append(seen)
        fed, logits = seen.fed[0], seen.logits[0]
        tokens = fed[1:].argmax(axis=1)
        if not near(fed[1:], one_hot(tokens)).all():
            whole = read(calls, cell)
            if not found and whole:
                yield from _no_tokens(calls, cell, fed, logits, whole)
            return
        order = np.argsort(-logits[:-1], axis=1, kind="stable")
        found.append((logits, tokens, (order == tokens[:, None]).argmax(axis=1)))
    sharp, staying, flat_one = found
    strange = [one for one in (staying, sharp, flat_one) if one[2].any()]
    if not strange:
        return
    for digits in (0, 1, 2):
        if all(
            (tokens == logits[:-1].round(digits).argmax(axis=1)).all()
            for logits, tokens, _ in found
        ):
            yield Told(
                "chooses_among_rounded_numbers",
                "Your logits show that the token that is fed is the argmax of the row before "
                f"rounded to {digits} decimals, where numbers that differ become equal; take the "
                "argmax of the row as it is.",
            )
            return
    for what, source in OWN_SIDE.items():
        if all(came_from(source, one).all() for one in inputs) and holds(calls, cell, source):
            yield Told(
                "feeds_another_vector_for_its_own_token",
                f"Your logits show that each step t > 0 is fed {what}; the model's own token is "
                "the one-hot vector of argmax(logits[t-1]).",
            )
            return
    # Where one number of a row is far above the others a draw takes it nearly always.
    far, stays_far, close = (int((one[2] > 0).sum()) for one in found)
    by_probability = close > max(far, stays_far) + 1
    yield _of_tokens(*(flat_one if by_probability else strange[0]), by_probability)


def _no_tokens(calls: Calls, cell: str, fed: Array, logits: Array, seen: Inputs) -> Iterator[Told]:
    """Say what is fed that is no one-hot vector."""
    own = one_hot(logits[:-1].argmax(axis=1))
    wrong = ~near(fed[1:], own)
    steps = "every step t > 0" if wrong.all() else steps_of(np.flatnonzero(wrong) + 1)
    sources = {**OWN_SIDE, **TRUE_SIDE}.items()
    names = (name for name, source in sources if (came_from(source, seen)[0] | ~wrong).all())
    what = next(names, "")
    if near(fed[1:], np.where(np.maximum.accumulate(own) > 0, 1.0, seen.x_start)).all():
        what = (
            "x_start with a 1 for every token that was chosen so far: it is written into, and not "
            "made anew"
        )
    if near(fed[1:], np.maximum.accumulate(own)).all():
        what = (
            "a vector with a 1 for every token that was chosen so far: it is not set to zeros "
            "again before a 1 is written into it"
        )
    if not what:
        if not _is_read_again(calls, cell, fed):
            return  # the rows are changed, so that no input can be read off them
        what = f"{_vector(fed[1:][wrong][0])} the first time"
    yield Told(
        "feeds_no_one_hot_vector",
        f"Your logits show what is fed at {steps}: {what}. Feed the one-hot vector of "
        "argmax(logits[t-1]), a single 1 and zeros, made anew at each step.",
    )


def _of_tokens(logits: Array, tokens: Array, ranks: Array, by_probability: bool) -> Told:
    listed = ", ".join(str(rank + 1) for rank in ranks)
    measured = (
        f"Your logits show that the token that is fed is not always the largest of the row before: "
        f"its rank there, by size, is {listed} at steps 1 to {len(ranks)}"
    )
    others = logits[1:-1].copy()
    others[np.arange(len(others)), tokens[:-1]] = -np.inf
    if (tokens[1:] == others.argmax(axis=1)).all() and not ranks[0]:
        return Told(
            "never_repeats_a_token",
            f"{measured}, and it is never the same token twice in a row: where argmax is the token "
            "fed last, another is fed; feed the argmax again, whatever was fed before.",
        )
    if len(set(ranks)) == 1:
        how = "Always the same rank: look at how the largest is found."
    elif by_probability:
        how = (
            "Where the numbers of a row are closer together it is the largest less often, as where "
            "a token is drawn by its probability (with a seed the same each time), or the row is "
            "changed first; feed np.argmax(logits[t-1])."
        )
    else:
        how = "Feed the one-hot vector of np.argmax(logits[t-1]) at every step."
    return Told("feeds_other_tokens_than_the_largest", f"{measured}. {how}")


def _read(
    calls: Calls, cell: str, stays: bool = False, flat: float = 1.0
) -> tuple[Array, Array] | None:
    """Return the inputs that were fed and the logits; None where they cannot be read."""
    seen = _inputs(calls, cell, stays, flat)
    return (seen.fed[0], seen.logits[0]) if seen else None


def _inputs(calls: Calls, cell: str, stays: bool = False, flat: float = 1.0) -> Inputs | None:
    """Return all that was read; None where inputs cannot be read, or step 0 is fed another one."""
    W_hy = flat * lens(cell, STEPS).decoder_params["W_hy"]
    # Rolled, the token that is fed is the likeliest of the next row.
    seen = read(calls, cell, W_hy=np.roll(W_hy, -1, axis=0) if stays else W_hy)
    if seen is None or not np.isfinite(seen.fed).all() or first_input(seen):
        return None
    return seen


def _so_far(rows: Array) -> Array:
    return np.array(np.cumsum(rows, axis=0))


def _count(rows: Array, more: int = 0) -> Array:
    return np.array(np.arange(1 + more, len(rows) + 1 + more)[:, None])


def _late(rows: Array, first: Array) -> Array:
    return np.concatenate([first[None], rows[:-1]])


#: Inputs of steps 1, 2, ... of the rows that should be fed, and of x_start.
_OF_TARGETS: tuple[tuple[Callable[[Array, Array], Array], str], ...] = (
    (lambda y, x: _so_far(y) / _count(y), "the mean of all rows of target_seq so far"),
    (lambda y, x: (_so_far(y) + x) / _count(y, 1), "the mean of x_start and all rows of target_seq "
     "so far"),
    (lambda y, x: _so_far(y), "the sum of all rows of target_seq so far"),
    (lambda y, x: _so_far(y) + x, "the sum of x_start and all rows of target_seq so far"),
    (lambda y, x: np.maximum.accumulate(y), "the largest of all rows of target_seq so far, place "
     "by place"),
    (lambda y, x: y - _late(y, x), "target_seq[t-1] less the input before it"),
    (lambda y, x: y - _late(y, 0 * x), "target_seq[t-1] less the row before it"),
    (lambda y, x: y / np.linalg.norm(y, axis=1, keepdims=True), "target_seq[t-1] scaled to length "
     "1, divided by its norm"),
    (lambda y, x: y / np.abs(y).sum(axis=1, keepdims=True), "target_seq[t-1] divided by the sum of "
     "its sizes"),
    (lambda y, x: y / y.sum(axis=1, keepdims=True), "target_seq[t-1] divided by its sum"),
    (lambda y, x: y / np.abs(y).max(axis=1, keepdims=True), "target_seq[t-1] divided by its "
     "largest size"),
    (lambda y, x: y / y.max(axis=1, keepdims=True), "target_seq[t-1] divided by its largest "
     "number"),
    (lambda y, x: y - y.mean(axis=1, keepdims=True), "target_seq[t-1] less its mean"),
    (lambda y, x: (y - y.mean(1, keepdims=True)) / y.std(1, keepdims=True), "target_seq[t-1] less "
     "its mean, divided by its standard deviation"),
    (lambda y, x: softmax(y), "the softmax of target_seq[t-1]"),
    (lambda y, x: np.tanh(y), "the tanh of target_seq[t-1]"),
    (lambda y, x: 1 / (1 + np.exp(-y)), "the sigmoid of target_seq[t-1]"),
    (lambda y, x: np.maximum(y, 0), "target_seq[t-1] with what is below 0 cut off"),
    (lambda y, x: np.clip(y, 0, 1), "target_seq[t-1] cut off at 0 and 1"),
    (lambda y, x: np.clip(y, -1, 1), "target_seq[t-1] cut off at -1 and 1"),
    (lambda y, x: np.abs(y), "target_seq[t-1] without its signs"),
    (lambda y, x: y**2, "the square of target_seq[t-1]"),
    (lambda y, x: np.sign(y), "the signs of target_seq[t-1] alone"),
    (lambda y, x: np.round(y), "target_seq[t-1] rounded"),
    (lambda y, x: y[:, ::-1], "target_seq[t-1] from its last number to its first"),
    (lambda y, x: np.sort(y, axis=1), "target_seq[t-1] sorted"),
    (lambda y, x: y / _count(y), "target_seq[t-1] divided by t"),
    (lambda y, x: y * _count(y), "target_seq[t-1] times t"),
)  # fmt: skip


def _sums(fed: Array, before: Array, start: Array, rows: Array) -> str:
    """Find a sum of the row, the input before, the first one and a number, the same everywhere.

    The model's own say may be in it too: the row of logits before, or its token.
    """
    parts = (
        ("target_seq[t-1]", before),
        ("the input of the step before", fed[:-1]),
        ("x_start", np.broadcast_to(start, before.shape)),
        ("logits[t-1]", rows),
        ("the one-hot vector of argmax(logits[t-1])", one_hot(rows.argmax(axis=1))),
        ("softmax(logits[t-1])", softmax(rows)),
    )
    design = np.stack([*(part.ravel() for _, part in parts), np.ones(before.size)], axis=1)
    factors, *_ = np.linalg.lstsq(design, fed[1:].ravel(), rcond=None)
    if not _alike(design @ factors, fed[1:].ravel()):
        return ""
    terms = [
        name if abs(factor - 1) < 2e-3 else f"{factor:.3g} times {name}"
        for factor, (name, _) in zip(factors, parts, strict=False)
        if abs(factor) > 2e-3
    ]
    terms += [f"{factors[-1]:.3g}"] if abs(factors[-1]) > 2e-3 else []
    return " plus ".join(terms)


def _is_read_again(calls: Calls, cell: str, fed: Array) -> bool:
    """Say whether the same inputs are read where weights are others that show them.

    A number that is added to all of b_y changes no choice of a token. Of rows that are changed
    after the step other inputs seem to be fed then.
    """
    params = lens(cell, STEPS).decoder_params
    b_y, W_xh = params["b_y"] + 0.6, params["W_xh"]
    again = read(calls, cell, b_y=b_y, W_xh=0.7 * W_xh if "target_seq" in calls.names else W_xh)
    return again is not None and bool(near(again.fed[0], fed).all())


def _alike(one: Array, other: Array) -> bool:
    return equal(np.asarray(one), np.asarray(other), 50)


def _of_inputs(what: str) -> Told:
    return Told("feeds_something_made_of_the_target", f"Your logits show that {what}")


def steps_of(steps: Array) -> str:
    """List steps, as far as that helps."""
    numbers = ", ".join(str(int(t)) for t in steps[:8])
    more = " and others" if len(steps) > 8 else ""
    return f"step{'s' * (len(steps) > 1)} {numbers}{more}"


def _steps(steps: Array) -> str:
    return f"{steps_of(steps)} {'are' if len(steps) > 1 else 'is'}"


def _vector(values: Array) -> str:
    return np.array2string(values.round(3) + 0.0, precision=3, suppress_small=True)
