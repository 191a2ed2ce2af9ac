"""What the functions of this lesson are called with: see `course.checks.known.probes`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from course.checks.cells.bounds import as_many
from course.checks.cells.calls import call_each
from course.checks.cells.coins import near
from course.checks.cells.examples import Array
from course.checks.cells.statistics import assert_independent
from course.checks.cells.transformers import (
    TransformerExample,
    pass_runs,
    random_block,
    random_rows,
    random_transformer,
    read_pass_coins,
)
from course.checks.known import features
from course.checks.known.features import Arguments, Feature, Function
from course.checks.known.probes import Probe

#: Which examples; in the second no choice is close, and the passes of one model differ.
_SEED, _FREE_SEED = 61, 901


def _attention() -> Iterator[Probe]:
    """``causal_attention(x, block)``."""

    def call(T: int, d: int, size: float = 1.0, dtype: type = np.float64) -> tuple[Any, ...]:
        block = random_block(d, _SEED, dtype)
        return random_rows(T, d, _SEED, dtype), block | {"W_q": size * block["W_q"]}

    def weights() -> tuple[Any, ...]:
        """Have the rows of the result be the weights: values are rows of the identity."""
        eye = np.eye(4)
        return eye, random_block(4, 1) | {"W_v": eye, "W_o": eye}

    def ahead() -> tuple[Any, ...]:
        """Have the largest score be one that is hidden."""
        eye = np.eye(2)
        block = {"W_q": 70 * np.diag([-1.0, 1.0]), "W_k": 140 * eye, "W_v": eye, "W_o": eye}
        return np.array([[-1.0, 0.0], [-0.5, 0.0], [1.0, 0.0]]), block

    yield Probe("", "values", "the weights", weights)
    yield Probe("", "values", "plain means", lambda: call(4, 3, 0.0))
    yield Probe("", "values", "two rows", lambda: call(2, 4))
    yield Probe("", "values", "six rows", lambda: call(6, 3))
    yield Probe("", "values", "one row", lambda: call(1, 3))
    yield Probe("", "values", "rows of one number", lambda: call(5, 1))
    yield Probe("", "reach", "six rows", lambda: call(6, 3), partial(_reach, 0, 0))
    yield Probe("", "huge", "scores of 10,000", lambda: call(5, 3, 4e3))
    yield Probe("", "huge", "the largest is hidden", ahead)
    yield Probe("", "empty", "no rows", lambda: call(0, 3))
    yield Probe("", "float32", "six rows", lambda: call(6, 3, dtype=np.float32))
    yield Probe("", "keeps", "arguments", lambda: call(6, 3), features.keeping)
    yield Probe("", "forgets", "calls", lambda: call(6, 3), features.memory)


def _reach(place: int, gap: int, function: Function, arguments: Arguments) -> Feature:
    """Observe which rows move with which row of an argument: those from `gap` rows later on."""
    T = len(arguments()[place])
    # New arguments for each call: what writes into them is told of elsewhere.
    calls = [arguments() for _ in range(T + 1)]
    for j, given in enumerate(calls[1:]):
        given[place][j] = 1.5 - 2.0 * given[place][j, ::-1]
    try:
        base, *others = (features.describe(one) for one in call_each(function, calls))
    except Exception as error:
        return features.raised(error)
    if any(one.values is None or one.values.shape[:1] != (T,) for one in (base, *others)):
        return base
    came = np.array([one.values for one in (base, *others)])
    # What is no number hears of everything: it says nothing of where that comes from.
    moved = np.nan_to_num(np.abs(came[1:] - came[0]), nan=0.0).reshape(T, T, -1).max(axis=2) > 1e-6
    due = np.triu(np.ones((T, T), dtype=bool), k=gap)
    for wrong, said in ((moved & ~due, "looks ahead"), (due & ~moved, "does not see")):
        if wrong.any():
            j, t = (int(n) for n in np.argwhere(wrong)[0])
            verb = "moves" if said == "looks ahead" else "does not move"
            return Feature(f"{said}: row {t} {verb} with row {j} of what is passed")
    return Feature("sees the past alone")


def _forward() -> Iterator[Probe]:
    """``transformer_forward(context_vector, target_seq, params)``."""

    def call(T: int, I: int, d: int, O: int, T_max: int | None = None, n_blocks: int = 2,
             dtype: type = np.float64, size: float = 1.0) -> tuple[Any, ...]:  # fmt: skip
        example = random_transformer(T, I, d, O, _SEED, T_max, n_blocks, dtype)
        return example.context_vector, size * example.target_seq, example.params

    yield Probe("", "values", "four steps", lambda: call(4, 3, 5, 2))
    yield Probe("", "values", "six steps", lambda: call(6, 5, 3, 4))
    yield Probe("", "values", "one step", lambda: call(1, 2, 3, 4))
    yield Probe("", "values", "no blocks", lambda: call(4, 3, 5, 2, n_blocks=0))
    yield Probe("", "values", "one block", lambda: call(3, 3, 4, 3, n_blocks=1))
    yield Probe("", "values", "as many as positions", lambda: call(4, 3, 5, 2, T_max=4))
    yield Probe("", "reach", "five steps", lambda: call(5, 3, 4, 3), partial(_reach, 1, 1))
    yield Probe("", "large", "four steps", lambda: call(4, 3, 5, 2, size=3000.0))
    yield Probe("", "empty", "no steps", lambda: call(0, 3, 5, 2))
    yield Probe("", "float32", "six steps", lambda: call(6, 5, 3, 4, dtype=np.float32))
    yield Probe("", "keeps", "arguments", lambda: call(4, 3, 5, 2), features.keeping)
    yield Probe("", "forgets", "calls", lambda: call(4, 3, 5, 2), features.memory)
    # A single position is broadcast over all steps, and NumPy raises nothing.
    for T, T_max in ((5, 4), (9, 2), (5, 1)):
        too_many: Arguments = partial(call, T, 3, 4, 2, T_max=T_max)
        name = f"{T} steps for {T_max} position{'s' * (T_max > 1)}"
        yield Probe("", "refuses", name, too_many, features.refusal)


def _step() -> Iterator[Probe]:
    """``attention_step(x_t, cache, block)``."""

    def call(t: int, d: int, size: float = 1.0, dtype: type = np.float64) -> tuple[Any, ...]:
        block = random_block(d, _SEED, dtype)
        cache = random_rows(t, d, _SEED + 1, dtype), random_rows(t, d, _SEED + 2, dtype)
        x_t = random_rows(1, d, _SEED + 3, dtype)[0]
        return x_t, cache, block | {"W_q": size * block["W_q"]}

    yield Probe("", "values", "three kept", lambda: call(3, 4))
    yield Probe("", "values", "one kept", lambda: call(1, 2))
    yield Probe("", "values", "six kept", lambda: call(6, 3))
    yield Probe("", "values", "rows of one number", lambda: call(4, 1))
    yield Probe("", "empty", "the empty cache", lambda: call(0, 3))
    yield Probe("", "huge", "scores of 10,000", lambda: call(4, 3, 4e3))
    yield Probe("", "float32", "three kept", lambda: call(3, 4, dtype=np.float32))
    yield Probe("", "keeps", "arguments", lambda: call(3, 4), features.keeping)
    yield Probe("", "forgets", "calls", lambda: call(3, 4), features.memory)


def _generate() -> Iterator[Probe]:
    """``generate(context_vector, seq_len, params)``."""

    def call(T: int, O: int = 4, T_max: int = 12, n_blocks: int = 2, dtype: type = np.float64,
             equal: bool = False) -> tuple[Any, ...]:  # fmt: skip
        made = random_transformer(7, O, 5, O, _FREE_SEED, T_max, n_blocks, dtype)
        if equal:
            for key in ("W_out", "b_out"):
                made.params[key][3] = made.params[key][1]
            made.params["b_out"][[1, 3]] += 20.0
        return made.context_vector, T, made.params

    steady = features.steady_value
    yield Probe("", "values", "one step", lambda: call(1), steady)
    yield Probe("", "values", "seven steps", lambda: call(7), steady)
    yield Probe("", "values", "three steps", lambda: call(3, 3), steady)
    yield Probe("", "values", "no blocks", lambda: call(5, n_blocks=0), steady)
    yield Probe("", "values", "as many as positions", lambda: call(4, T_max=4), steady)
    yield Probe("", "equals", "five steps", lambda: call(5, equal=True), steady)
    yield Probe("", "empty", "no steps", lambda: call(0))
    yield Probe("", "float32", "seven steps", lambda: call(7, dtype=np.float32), steady)
    yield Probe("", "keeps", "arguments", lambda: call(7), features.keeping)
    yield Probe("", "forgets", "calls", lambda: call(7), features.memory)
    for T, T_max in ((5, 4), (30, 12)):
        too_many: Arguments = partial(call, T, T_max=T_max)
        name = f"{T} steps for {T_max} positions"
        yield Probe("", "refuses", name, too_many, features.refusal)


def _passes() -> Iterator[Probe]:
    """``two_pass_scheduled_sampling(context_vector, target_seq, params, p, passes)``."""

    def call(p: float, passes: int, T: int = 7, T_max: int = 9,
             dtype: type = np.float64) -> tuple[Any, ...]:  # fmt: skip
        made = random_transformer(7, 4, 5, 4, _FREE_SEED, T_max, dtype=dtype)
        return made.context_vector, made.target_seq[:T], made.params, p, passes

    steady = features.steady_value
    yield Probe("", "values", "p = 0, one pass", lambda: call(0.0, 1), steady)
    yield Probe("", "values", "p = 0.5, no passes", lambda: call(0.5, 0), steady)
    yield Probe("", "own", "p = 1, one pass", lambda: call(1.0, 1), steady)
    yield Probe("", "own", "p = 1, two passes", lambda: call(1.0, 2), steady)
    yield Probe("", "own", "p = 1, six passes", lambda: call(1.0, 6), steady)
    yield Probe("", "tossed", "p = 0.3, one pass", lambda: call(0.3, 1, 5), _fall)
    yield Probe("", "tossed", "p = 0.6, three passes", lambda: call(0.6, 3, 5), _fall)
    yield Probe("", "empty", "no steps", lambda: call(0.5, 2, 0))
    yield Probe("", "single", "one step", lambda: call(1.0, 1, 1))
    yield Probe("", "float32", "p = 1, two passes", lambda: call(1.0, 2, dtype=np.float32), steady)
    yield Probe("", "keeps", "arguments", lambda: call(1.0, 2), features.keeping)
    yield Probe("", "forgets", "calls", lambda: call(1.0, 2), features.memory)
    for p in (-0.1, 1.1, float("nan")):
        bad: Arguments = partial(call, p, 1)
        yield Probe("", "refuses", f"sampling_prob = {p}", bad, features.refusal)
    yield Probe("", "refuses", "passes = -1", lambda: call(0.5, -1), features.refusal)
    long: Arguments = partial(call, 0.5, 1, 7, 5)
    yield Probe("", "refuses", "7 steps for 5 positions", long, features.refusal)


def _fall(function: Function, arguments: Arguments, times: int = 150) -> Feature:
    """Observe how the coins fall, read off the rows: of a right answer's one, each by itself.

    What each way gives is asked of the function itself, without own tokens and passes. A right
    answer seems to be another with a probability of less than 1e-8.
    """
    context_vector, target_seq, params, p, passes = arguments()

    def forced(*given: Any) -> Any:
        return function(*given, 0.0, 0)

    try:
        due = pass_runs(forced, TransformerExample(context_vector, target_seq, params), passes)
        runs = call_each(function, [arguments() for _ in range(times)])
    except Exception as error:
        return features.raised(error)
    try:
        coins = read_pass_coins(runs, due)
    except (AssertionError, ValueError):
        first, *others = map(features.describe, runs)
        if all(features.alike(first, one) for one in others):
            return Feature("gives the same result in each call, and one that comes of no coins")
        if _mixes_numbers(forced, (context_vector, target_seq, params), runs):
            return Feature("feeds rows that have some numbers of the truth, and some own")
        return Feature("gives rows that no coins give, which are tossed once for all passes")
    return Feature(_way_of_falling(coins, p))


def _mixes_numbers(forced: Function, given: tuple[Any, ...], runs: list[Any]) -> bool:
    """Say whether step 1 is fed rows whose numbers are chosen each by itself, as row 1 tells."""
    context_vector, target_seq, params = given
    own = np.eye(len(params["b_out"]))[np.argmax(forced(*given)[0])]
    ways = []
    for chosen in itertools.product((False, True), repeat=len(own)):
        fed = np.array(target_seq)
        fed[0] = np.where(chosen, own, fed[0])
        ways.append(np.asarray(forced(context_vector, fed, params))[1:2])
    try:
        fits = np.array([near(np.array(ways), np.asarray(run)[1:2])[:, 0] for run in runs])
    except (IndexError, ValueError, TypeError):  # no rows, or none of that length
        return False
    return bool(fits.any(axis=1).all() and fits[:, 1:-1].any())


def _way_of_falling(coins: Array, p: float) -> str:
    alpha = 1e-10
    if (coins == coins[:1]).all():
        return "has the same coins in each call"
    if (np.diff(coins, axis=1) >= 0).all() and not (coins == coins[:, :1]).all():
        return "never returns to the truth after a token of its own"
    if (coins == coins[:, :1]).all():
        return "tosses one coin for all steps"
    if np.ptp(coins.sum(axis=1)) <= 1:
        return "chooses a fixed number of steps"
    if len({bool((column == column[0]).all()) for column in coins.T}) > 1:
        return "tosses coins at some steps only"
    if not as_many(coins, p, alpha):
        of_the_truth = as_many(coins, 1 - p, alpha)
        return f"feeds own tokens with {'1 - sampling_prob' if of_the_truth else 'another rate'}"
    for column in coins.T:
        if not as_many(column, p, alpha):
            return "changes the rate from step to step"
    try:
        assert_independent(coins, p, alpha)
    except AssertionError:
        return "has coins that know of each other"
    return "tosses a coin at each step"


def _draft() -> Iterator[Probe]:
    """``accept_draft(context_vector, draft, params)``."""

    def call(draft: tuple[int, ...], T_max: int = 9, equal: bool = False,
             dtype: type = np.float64) -> tuple[Any, ...]:  # fmt: skip
        made = random_transformer(7, 5, 4, 5, _DRAFT_SEED, T_max, dtype=dtype)
        if equal:
            for key in ("W_out", "b_out"):
                made.params[key][3] = made.params[key][1]
            made.params["b_out"][[1, 3]] += 20.0
        return made.context_vector, list(draft), made.params

    def partly(n: int, **more: Any) -> tuple[Any, ...]:
        """Have the first n of five tokens be the model's own, and the next another."""
        draft = [*_OWN[:5]]
        if n < 5:
            draft[n] = (draft[n] + 1) % 5
        return call(tuple(draft), **more)

    yield Probe("", "values", "one wrong token", lambda: call((0,)), _written)
    for n in (0, 1, 3):
        yield Probe("", "values", f"{n} of 5 tokens", partial(partly, n), _written)
    yield Probe("", "values", "all of 5 tokens", lambda: partly(5), _written)
    yield Probe("", "values", "as long as there is room", lambda: partly(5, T_max=6), _written)
    yield Probe("", "equals", "two largest", lambda: call((1, 3), equal=True), _written)
    yield Probe("", "empty", "an empty draft", lambda: call(()), _written)
    yield Probe("", "float32", "3 of 5 tokens", lambda: partly(3, dtype=np.float32), _written)
    yield Probe("", "keeps", "arguments", lambda: partly(3), features.keeping)
    yield Probe("", "forgets", "calls", lambda: partly(3), _remembered)
    for n, T_max in ((5, 5), (7, 5)):
        long: Arguments = partial(call, (0,) * n, T_max)
        yield Probe("", "refuses", f"{n} tokens for {T_max} positions", long, features.refusal)


#: A model that writes these tokens, no choice of which is close.
_DRAFT_SEED, _OWN = 131, (4, 3, 2, 4, 1, 4)

#: So many tokens are compared, and no draft is longer.
_ROOM = 6


def _in_a_row(result: Any) -> Any:
    """Return what is accepted in one row of numbers: how many, the next token, and which.

    What is not put together so is returned as it is.
    """
    if not isinstance(result, tuple | list) or len(result) != 2 or not isinstance(result[0], list):
        return result
    accepted, next_token = result
    try:
        row = np.array([len(accepted), next_token, *accepted, *[-1] * _ROOM], dtype=float)
    except (TypeError, ValueError):
        return result
    return row[: 2 + _ROOM] if np.isfinite(row).all() else result


def _written(function: Function, arguments: Arguments) -> Feature:
    seen = features.value(function, arguments)
    return seen if features.is_raised(seen) else features.describe(_in_a_row(seen.raw))


def _remembered(function: Function, arguments: Arguments) -> Feature:
    return features.memory(lambda *given: _in_a_row(function(*given)), arguments)


#: Which arguments each is called with, in their order.
ARGUMENTS = {
    "causal_attention": ("x", "block"),
    "transformer_forward": ("context_vector", "target_seq", "params"),
    "attention_step": ("x_t", "cache", "block"),
    "generate": ("context_vector", "seq_len", "params"),
    "two_pass_scheduled_sampling": (
        "context_vector",
        "target_seq",
        "params",
        "sampling_prob",
        "passes",
    ),
    "accept_draft": ("context_vector", "draft", "params"),
}

#: What the parts of their results are called.
RESULTS = {
    "accept_draft": ("a list of the accepted tokens", "the next token, one number"),
    "attention_step": ("y_t", "the new cache"),
}

PROBES: dict[str, Callable[[], Iterator[Probe]]] = {
    "causal_attention": _attention,
    "transformer_forward": _forward,
    "attention_step": _step,
    "generate": _generate,
    "two_pass_scheduled_sampling": _passes,
    "accept_draft": _draft,
}
