"""Name what a decoder was fed in place of the truth or of its own token.

An input that is neither is compared with what learners feed by mistake. A name is given where one
such input explains every strange one; else the strange inputs are described.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from course.checks.cells.coins import softmax
from course.checks.cells.examples import Array, Example
from course.checks.known.inputs.lens import NEAR, SIZE, inputs_of, logits_of, states_of
from course.checks.known.told import percent

TRUTH, OWN, STRANGE = 0, 1, -1


@dataclass(frozen=True)
class Inputs:
    """What was fed in calls with the same arguments.

    Attributes
    ----------
    fed : ndarray
        Shape (N, T, I).
    logits : ndarray
        Shape (N, T, O).
    targets, x_start : ndarray
        The arguments, shapes (T, I) and (I,).
    context : ndarray
        The first hidden state, shape (H,).
    forced, free : ndarray
        Logits of teacher forcing, and of free running, shape (T, O).
    states : ndarray
        Hidden states, shape (N, T, H); here H = O.
    b_y : ndarray
        What is added to each row of logits last, shape (O,).
    """

    fed: Array
    logits: Array
    targets: Array
    x_start: Array
    context: Array
    forced: Array
    free: Array
    states: Array
    b_y: Array

    def kinds(self) -> Array:
        """Return `TRUTH`, `OWN` or `STRANGE` for steps 1, 2, ..., shape (N, T - 1)."""
        fed = self.fed[:, 1:]
        own = one_hot(self.logits[:, :-1].argmax(axis=2))
        found = np.full(fed.shape[:2], STRANGE)
        found[near(fed, self.targets[None, :-1])] = TRUTH
        found[near(fed, own)] = OWN
        return found


def one_hot(index: Array | np.integer) -> Array:
    """Return one-hot vectors of the lens's size."""
    vectors: Array = np.eye(SIZE)[index]
    return vectors


def near(one: Array, other: Array) -> Array:
    """Say which vectors are the same up to rounding; none that is not finite is."""
    with np.errstate(invalid="ignore"):
        same: Array = (np.abs(one - other) <= NEAR * (1 + np.abs(other))).all(axis=-1)
    return same


def _late(rows: Array) -> Array:
    """Return the row before each, the first one twice."""
    return np.concatenate([rows[..., :1, :], rows[..., :-1, :]], axis=-2)


def _late_from_0(tokens: Array) -> Array:
    """Return the token before each, token 0 before the first."""
    first = np.broadcast_to(np.eye(SIZE)[0], tokens[..., :1, :].shape)
    return np.concatenate([first, tokens[..., :-1, :]], axis=-2)


def _in_place(rows: Array) -> Array:
    return np.where(rows == rows.max(axis=-1, keepdims=True), rows, 0.0)


def _index_first(rows: Array) -> Array:
    vectors = np.zeros(rows.shape)
    vectors[..., 0] = rows.argmax(axis=-1)
    return vectors


def _of_all_rows(rows: Array) -> Array:
    """Return the argmax of all rows so far, counted through the array, as careless code has it."""
    best = [rows[:, : t + 1].reshape(len(rows), -1).argmax(axis=1) for t in range(rows.shape[1])]
    return one_hot(np.stack(best, axis=1) % SIZE)


def _largest_so_far(rows: Array) -> Array:
    best = [rows[:, : t + 1].max(axis=1) for t in range(rows.shape[1])]
    return one_hot(np.stack(best, axis=1).argmax(axis=2))


def read_inputs(
    logits: Array, given: Example, cell_type: str, more: Mapping[str, Array] | None = None
) -> Inputs:
    """Read what was fed off logits of shape (N, T, O), given by a lens and weights of one's own."""
    context, targets, params = given
    params = {**params, **(more or {})}
    x_start = params["x_start"]
    forced = logits_of(np.concatenate([x_start[None], targets[:-1]]), params, cell_type)
    free = np.zeros_like(forced)
    x = x_start
    for t in range(len(free)):
        free[t] = logits_of(x, params, cell_type)
        x = one_hot(free[t].argmax())
    fed, states = inputs_of(logits, params, cell_type), states_of(logits, params)
    return Inputs(fed, logits, targets, x_start, context, forced, free, states, params["b_y"])


Source = Callable[[Inputs], Array]


def _from_row(make: Callable[[Array], Array]) -> Source:
    """Make an input of steps 1, 2, ... from the rows of logits before them."""
    return lambda seen: make(seen.logits[:, :-1])


def _own(seen: Inputs) -> Array:
    return one_hot(seen.logits[:, :-1].argmax(axis=2))


#: What may be fed in place of the model's own token, by what a learner should read.
OWN_SIDE: dict[str, Source] = {
    "the softmax of logits[t-1], the probabilities of all tokens": _from_row(softmax),
    "the row logits[t-1] itself": _from_row(lambda rows: rows),
    "logits[t-1] divided by its sum": _from_row(
     lambda rows: rows / rows.sum(axis=-1, keepdims=True)),
    "logits[t-1] divided by its largest number": _from_row(
     lambda rows: rows / rows.max(axis=-1, keepdims=True)),
    "the softmax of logits[t-1] / 2, a temperature": _from_row(lambda rows: softmax(rows / 2)),
    "the softmax of 2 * logits[t-1], a temperature": _from_row(lambda rows: softmax(2 * rows)),
    "the log-softmax of logits[t-1]": _from_row(lambda rows: np.log(softmax(rows))),
    "the sigmoid of logits[t-1]": _from_row(lambda rows: 1 / (1 + np.exp(-rows))),
    "the tanh of logits[t-1]": _from_row(np.tanh),
    "the exponential of logits[t-1]": _from_row(np.exp),
    "logits[t-1] with its negative numbers cut off": _from_row(lambda rows: np.maximum(rows, 0)),
    "a 1 wherever logits[t-1] is positive": _from_row(lambda rows: (rows > 0).astype(float)),
    "the rounded softmax of logits[t-1]": _from_row(lambda rows: softmax(rows).round()),
    "the index of the token, as a number in every place": _from_row(
     lambda rows: np.repeat(rows.argmax(axis=2)[..., None], SIZE, axis=2).astype(float)),
    "the index of the token, as a number in the first place": _from_row(_index_first),
    "the largest logit itself, in its place": _from_row(_in_place),
    "the largest probability itself, in its place": _from_row(
     lambda rows: _in_place(softmax(rows))),
    "the one-hot vector of the smallest logit": _from_row(
     lambda rows: one_hot(rows.argmin(axis=2))),
    "the one-hot vector of the second largest logit": _from_row(
     lambda rows: one_hot(rows.argsort(axis=2)[..., -2])),
    "the one-hot vector of the logit of the largest absolute value": _from_row(
     lambda rows: one_hot(np.abs(rows).argmax(axis=2))),
    "the one-hot vector of the smallest absolute logit": _from_row(
     lambda rows: one_hot(np.abs(rows).argmin(axis=2))),
    "the one-hot vector of the index after the argmax": _from_row(
     lambda rows: one_hot((rows.argmax(axis=2) + 1) % SIZE)),
    "the one-hot vector of the index before the argmax": _from_row(
     lambda rows: one_hot((rows.argmax(axis=2) - 1) % SIZE)),
    "minus the one-hot vector": lambda seen: -_own(seen),
    "one minus the one-hot vector": lambda seen: 1 - _own(seen),
    "the one-hot vector of argmax(logits[t-2]), the model's token of two steps ago": _from_row(
     lambda rows: _late(one_hot(rows.argmax(axis=2)))),
    "the one-hot vector of argmax(logits[t-2]), which at t = 1 is a row of zeros": _from_row(
     lambda rows: _late_from_0(one_hot(rows.argmax(axis=2)))),
    "the softmax of logits[t-2]": _from_row(lambda rows: _late(softmax(rows))),
    "the one-hot vector of an argmax over all rows so far": _from_row(_of_all_rows),
    "the one-hot vector of the largest logit of all rows so far": _from_row(_largest_so_far),
    "the one-hot vector of the argmax of the sum of all rows so far": _from_row(
     lambda rows: one_hot(rows.cumsum(axis=1).argmax(axis=2))),
    "the argmax of the row that a pass with teacher forcing gives, not of the row before it in "
    "this pass": lambda seen: one_hot(
     np.broadcast_to(seen.forced[:-1].argmax(axis=1), seen.logits[:, 1:, 0].shape)),
    "the argmax of the row that a pass of free running gives, where another row came: are rows of "
    "two passes mixed?": lambda seen: one_hot(
     np.broadcast_to(seen.free[:-1].argmax(axis=1), seen.logits[:, 1:, 0].shape)),
    "token 0, the argmax of a row of zeros such as logits[t] before it is computed": _from_row(
     lambda rows: one_hot(np.zeros(rows.shape[:2], dtype=int))),
    "the last token": _from_row(lambda rows: one_hot(np.full(rows.shape[:2], SIZE - 1, dtype=int))),
    "the argmax of target_seq[t-1], which is the truth again": lambda seen: one_hot(
     np.broadcast_to(seen.targets[:-1].argmax(axis=1), seen.logits[:, 1:, 0].shape)),
    "the argmax of target_seq[t], the token that the step has to predict": lambda seen: one_hot(
     np.broadcast_to(seen.targets[1:].argmax(axis=1), seen.logits[:, 1:, 0].shape)),
    "the one-hot vector of the argmax of the hidden state, not of the logits": lambda seen: one_hot(
     seen.states[:, :-1].argmax(axis=2)),
    "the one-hot vector of the argmax of W_hy @ h alone, before b_y is added": lambda seen: one_hot(
     (seen.logits[:, :-1] - seen.b_y).argmax(axis=2)),
    "the one-hot vector of an argmax to which b_y was added twice": lambda seen: one_hot(
     (seen.logits[:, :-1] + seen.b_y).argmax(axis=2)),
    "the hidden state itself": lambda seen: seen.states[:, :-1],
    "the sum of both tokens": lambda seen: _own(seen) + seen.targets[:-1],
    "the product of both tokens": lambda seen: _own(seen) * seen.targets[:-1],
    "the input of the step before, once more": lambda seen: seen.fed[:, :-1],
}  # fmt: skip

#: What may be fed in place of the truth, or in place of both.
TRUE_SIDE: dict[str, Source] = {
    "target_seq[t], the token that step t has to predict": lambda seen: seen.targets[1:],
    "target_seq[t-2], the token of two steps ago": lambda seen: _late(seen.targets)[:-1],
    "target_seq[t-2], which at t = 1 is the last row": lambda seen: seen.targets[
     np.arange(-1, len(seen.targets) - 2)],
    "target_seq[0] at every step": lambda seen: np.repeat(
     seen.targets[:1], len(seen.targets) - 1, axis=0),
    "target_seq read from its end": lambda seen: seen.targets[::-1][:-1],
    "the one-hot vector of the argmax of target_seq[t-1]; its rows are vectors of any values, to "
    "be fed as they are": lambda seen: one_hot(seen.targets[:-1].argmax(axis=1)),
    "the softmax of target_seq[t-1]": lambda seen: softmax(seen.targets[:-1]),
    "x_start, which belongs to step 0": lambda seen: seen.x_start[None],
    "zeros": lambda seen: np.zeros((1, SIZE)),
    "ones": lambda seen: np.ones((1, SIZE)),
    "target_seq[t-1] rounded": lambda seen: seen.targets[:-1].round(),
    "target_seq[t-1] as whole numbers": lambda seen: np.trunc(seen.targets[:-1]),
    "minus target_seq[t-1]": lambda seen: -seen.targets[:-1],
    "context_vector": lambda seen: seen.context[None],
}  # fmt: skip

#: What step 0 may be fed in place of x_start.
AT_STEP_0: dict[str, Callable[[Inputs], Array]] = {
    "zeros": lambda seen: np.zeros(SIZE),
    "ones": lambda seen: np.ones(SIZE),
    "target_seq[0], the token that it has to predict": lambda seen: seen.targets[0],
    "the last row of target_seq": lambda seen: seen.targets[-1],
    "the one-hot vector of the argmax of target_seq[0]": lambda seen: one_hot(
     seen.targets[0].argmax()),
    "the one-hot vector of the argmax of x_start": lambda seen: one_hot(seen.x_start.argmax()),
    "token 0": lambda seen: one_hot(np.array(0)),
    "token 1": lambda seen: one_hot(np.array(1)),
    "the last token": lambda seen: one_hot(np.array(SIZE - 1)),
    "context_vector": lambda seen: seen.context,
    "the mean of target_seq": lambda seen: seen.targets.mean(axis=0),
}  # fmt: skip


#: So few strange inputs among right ones may agree with a source by chance.
FEW = 12

#: What was fed, and which inputs of steps 1, 2, ... are to be explained: shape (N, T - 1).
Puzzle = tuple[Inputs, Array]


def strange_inputs(puzzles: Sequence[Puzzle], sources: Mapping[str, Source]) -> str:
    """Name the one source of all strange inputs; ``""`` where there is none.

    One that gives the model's own tokens as well, where those came, is better than one that gives
    the strange inputs alone.

    Parameters
    ----------
    puzzles : sequence of (Inputs, ndarray of bool)
        Calls at one probability each, and which inputs are strange.
    sources : mapping of str to callable
        `OWN_SIDE`, `TRUE_SIDE`, or both.
    """
    with_own = [(seen, strange | (seen.kinds() == OWN)) for seen, strange in puzzles]
    few = sum(int(strange.sum()) for _, strange in puzzles) < FEW
    # A handful may be those of any source; one that gives the rest as well is the one.
    for asked in (with_own,) if few else (with_own, puzzles):
        for name, source in sources.items():
            if all((came_from(source, seen) | ~which).all() for seen, which in asked):
                return name
    return ""


def came_from(source: Source, seen: Inputs) -> Array:
    """Say which inputs of steps 1, 2, ... are those of a source."""
    fed = seen.fed[:, 1:]
    return near(fed, np.broadcast_to(source(seen), fed.shape))


def first_input(seen: Inputs) -> str:
    """Say what step 0 was fed where it was not `x_start`; ``""`` where it was.

    By chance it may be one of several.
    """
    first = seen.fed[:, 0]
    wrong = ~near(first, seen.x_start)
    if not wrong.any():
        return ""
    often = "" if wrong.all() else "in some calls "
    for name, source in AT_STEP_0.items():
        if (near(first, source(seen)) | ~wrong).all():
            return often + name
    if not np.isfinite(first).all():
        return "?"
    if (near(first[wrong], one_hot(first[wrong].argmax(axis=1)))).all():
        return often + "one-hot vectors of tokens"
    return often + "another vector"


def mixture(seen: Inputs, strange: Array, p: float) -> str:
    """Describe strange inputs that are made of both tokens; ``""`` where they are not."""
    own, truth = _own(seen), np.broadcast_to(seen.targets[:-1], seen.fed[:, 1:].shape)
    fed = seen.fed[:, 1:][strange]
    own, truth = own[strange], truth[strange]
    if not np.isfinite(fed).all() or not len(fed):
        return ""
    from_one = (np.abs(fed - own) <= NEAR) | (np.abs(fed - truth) <= NEAR)
    if from_one.all():
        return (
            "a vector of which each element came from one token or the other, as if every element "
            "had a coin of its own"
        )
    apart = own - truth
    share = ((fed - truth) * apart).sum(axis=1) / (apart**2).sum(axis=1)
    if near(fed, truth + share[:, None] * apart).all():
        if np.ptp(share) > 0.01:
            return "a mix of both tokens, with shares that vary"
        if abs(share.mean() - p) < 0.01:
            return "the average of both tokens, weighted by sampling_prob"
        if abs(share.mean() - (1 - p)) < 0.01:
            return "the average of both tokens, weighted by 1 - sampling_prob"
        return f"a mix of both tokens, {percent(share.mean())} of the model's own, the rest truth"
    for vector, name in ((own, "the model's own one-hot vector"), (truth, "target_seq[t-1]")):
        size = (fed * vector).sum(axis=1) / (vector**2).sum(axis=1)
        if near(fed, size[:, None] * vector).all():
            if np.ptp(size) < 0.01:
                return f"{name} times {size.mean():.2f}"
            return f"{name} times a factor that varies"
    return ""


def drawn_tokens(puzzles: Sequence[Puzzle]) -> str:
    """Describe inputs that are one-hot vectors of tokens drawn by chance; ``""`` for others.

    The share in which the largest logit was taken tells a draw from the softmax from one that does
    not look at the logits.
    """
    fed = np.concatenate([seen.fed[:, 1:][which] for seen, which in puzzles])
    rows = np.concatenate([seen.logits[:, :-1][which] for seen, which in puzzles])
    if not len(fed) or not near(fed, one_hot(fed.argmax(axis=1))).all():
        return ""
    token, shares = fed.argmax(axis=1), softmax(rows)
    if _is_function(rows, token):
        return "the one-hot vector of a token that is not the argmax, the same for the same logits"
    tokens = "one-hot vectors of tokens that vary by chance"
    # How much likelier the tokens are under the softmax than if all were equally likely: what it is
    # on average where they are drawn from the softmax, and where they are drawn from anything.
    gain = np.log(shares * SIZE)
    came = gain[np.arange(len(token)), token].mean()
    drawn, blind = (shares * gain).sum(axis=1).mean(), gain.mean()
    if abs(came - drawn) < 0.3 * (drawn - blind):
        return f"{tokens}, each drawn with its probability, the softmax"
    if abs(came - blind) < 0.3 * (drawn - blind):
        return f"{tokens}, all equally often: the logits play no part"
    return f"{tokens}, not always that of the largest logit"


def fixed_tokens(seen: Inputs, strange: Array, drawn: str) -> str:
    """Return what is said of tokens that are drawn; of those that are not, at which steps."""
    if len(seen.fed) < 2 or np.ptp(seen.fed, axis=0).max() > NEAR:
        return drawn
    steps = ", ".join(str(t + 1) for t in np.flatnonzero(strange[0])[:6])
    return (
        "the one-hot vector of a token that is not the argmax of the row before, the same in each "
        f"call (at steps {steps}, ...)"
    )


def _is_function(rows: Array, token: Array) -> bool:
    """Say whether equal rows have equal tokens, of which there are many."""
    _, which, counts = np.unique(rows.round(4), axis=0, return_inverse=True, return_counts=True)
    which = which.reshape(-1)
    pairs = {(row, k) for row, k in zip(which.tolist(), token.tolist(), strict=True)}
    return bool((counts > 1).sum() > 5) and len(pairs) == len(counts)
