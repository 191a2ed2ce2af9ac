"""What the functions of this lesson are called with: see `course.checks.known.probes`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from course.checks.cells.examples import Array, Params, example, random_example
from course.checks.cells.losses import sum_of_powers, sum_within, weighted_logits
from course.checks.known import features
from course.checks.known.features import Arguments, Feature, Function
from course.checks.known.probes import LONG, Probe


def _tokens(T: int, O: int, seed: int) -> Array:
    """Return T tokens below O."""
    tokens: Array = random_example("rnn", T, O, 1, 1, seed).target_seq.argmax(axis=1)
    return tokens


def _loss() -> Iterator[Probe]:
    """``cross_entropy_and_gradient(logits, tokens, mask)``."""

    def call(T: int, O: int, scale: float = 1.5, dtype: type = np.float64) -> tuple[Any, ...]:
        logits = scale * random_example("rnn", T, O, 1, 1, 51, dtype=dtype).target_seq
        return logits.astype(dtype), _tokens(T, O, 52)

    def masked(*counted: int, other: int | None = None) -> tuple[Any, ...]:
        logits, tokens = call(len(counted), 4)
        mask = np.array(counted)
        return logits, tokens if other is None else np.where(mask == 1, tokens, other), mask

    def wrong(token: int) -> tuple[Any, ...]:
        logits, tokens = call(5, 3)
        tokens[2] = token
        return logits, tokens

    yield Probe("", "values", "seven steps", lambda: call(7, 5))
    yield Probe("", "values", "two tokens", lambda: call(4, 2))
    yield Probe("", "values", "one step", lambda: call(1, 3))
    yield Probe("", "mask", "some count", lambda: masked(1, 0, 1, 1, 0, 0))
    yield Probe("", "mask", "the last counts", lambda: masked(0, 0, 0, 1))
    yield Probe("", "mask", "all count", lambda: masked(1, 1, 1))
    yield Probe("", "mask", "others are no tokens", lambda: masked(1, 1, 0, 1, 0, other=-9))
    yield Probe("", "empty", "nothing counts", lambda: masked(0, 0, 0))
    yield Probe("", "empty", "no steps", lambda: call(0, 3))
    yield Probe("", "huge", "six steps", lambda: call(6, 4, 4000.0))
    yield Probe("", "refuses", "token O", lambda: wrong(3), features.refusal)
    yield Probe("", "refuses", "token -1", lambda: wrong(-1), features.refusal)
    yield Probe("", "refuses", "token 9", lambda: wrong(9), features.refusal)
    yield Probe("", "float32", "seven steps", lambda: call(7, 5, dtype=np.float32))
    yield Probe("", "keeps", "arguments", lambda: masked(1, 0, 1, 1), features.keeping)
    yield Probe("", "forgets", "calls", lambda: call(7, 5), features.memory)


def _backward() -> Iterator[Probe]:
    """``rnn_decoder_backward(context_vector, fed, decoder_params, d_logits)``."""

    def call(
        T: int, I: int = 3, H: int = 4, O: int = 2, until: int = -1, dtype: type = np.float64
    ) -> tuple[Any, ...]:
        made = random_example("rnn", T, I, H, O, 53, dtype=dtype)
        fed = made.target_seq
        fed[:1] = made.decoder_params["x_start"]
        d_logits = random_example("rnn", T, O, 1, 1, 54, dtype=dtype).target_seq
        if until >= 0:
            d_logits[until:] = 0.0
        return made.context_vector, fed, made.decoder_params, d_logits

    def last_alone() -> tuple[Any, ...]:
        context, fed, params, d_logits = call(6)
        d_logits[:-1] = 0.0
        return context, fed, params, d_logits

    yield Probe("", "values", "six steps", lambda: call(6))
    yield Probe("", "values", "one step", lambda: call(1))
    yield Probe("", "values", "two steps", lambda: call(2, 2, 3, 4))
    yield Probe("", "values", "one unit", lambda: call(5, 3, 1, 2))
    yield Probe("", "values", "the last step alone", last_alone)
    yield Probe("", "values", "the first steps alone", lambda: call(6, until=2))
    yield Probe("", "values", "many steps", lambda: call(LONG))
    yield Probe("", "empty", "no steps", lambda: call(0))
    yield Probe("", "float32", "six steps", lambda: call(6, dtype=np.float32))
    yield Probe("", "keeps", "arguments", lambda: call(6), features.keeping)
    yield Probe("", "forgets", "calls", lambda: call(6), features.memory)


def _check() -> Iterator[Probe]:
    """``gradient_check(loss, params, gradients, step)``."""

    def cubes(dtype: type = np.float64) -> tuple[Any, ...]:
        params = _two_arrays(dtype)
        ones: Params = {key: np.ones(array.shape, dtype) for key, array in params.items()}
        return partial(sum_of_powers, ones, 3), params

    def of_cubes(change: Callable[[Params], Params], *step: float) -> tuple[Any, ...]:
        loss, params = cubes()
        return loss, params, change({key: 3 * array**2 for key, array in params.items()}), *step

    def of_small_cubes() -> tuple[Any, ...]:
        params = _two_arrays()
        small: Params = {key: np.full(array.shape, 1e-3) for key, array in params.items()}
        gradients = {key: 6e-3 * array**2 for key, array in params.items()}
        return partial(sum_of_powers, small, 3), params, gradients

    def of_decoder(*step: float) -> tuple[Any, ...]:
        context, target_seq, params = example("rnn")
        loss = partial(weighted_logits, context, target_seq, target_seq - 0.4)
        return loss, params, example("rnn").decoder_params, *step

    def single() -> tuple[Any, ...]:
        loss, params = cubes(np.float32)
        return loss, params, {key: 4 * array**2 for key, array in params.items()}, 2.0**-6

    def unused() -> tuple[Any, ...]:
        params = _two_arrays()
        loss = partial(sum_of_powers, {"w": np.ones((2, 3))}, 2)
        return loss, params, {"w": np.zeros((2, 3)), "b": np.zeros(2)}

    def ends() -> tuple[Any, ...]:
        loss, params = cubes()
        return partial(sum_within, 1.5, *loss.args), params, _two_arrays()

    yield Probe("", "values", "gradients of a decoder", of_decoder)
    yield Probe("", "values", "right ones", lambda: of_cubes(dict))
    yield Probe("", "values", "one twice as large", lambda: of_cubes(_with(w=2.0)))
    yield Probe("", "values", "one with the wrong sign", lambda: of_cubes(_with(b=-1.0)))
    yield Probe("", "values", "one element", lambda: of_cubes(_with_one_element))
    yield Probe("", "values", "all larger by 1 %", lambda: of_cubes(_with(w=1.01, b=1.01)))
    yield Probe("", "values", "of a small loss", of_small_cubes)
    yield Probe("", "zero", "unused", unused)
    yield Probe("", "values", "one half", lambda: of_cubes(dict, 0.5))
    yield Probe("", "values", "a fifth, of a decoder", lambda: of_decoder(0.2))
    yield Probe("", "float32", "two arrays", single)
    yield Probe("", "keeps", "arguments", of_decoder, features.keeping)
    yield Probe("", "ends", "loss raises", ends, _kept_where_it_raises)


def _two_arrays(dtype: type = np.float64) -> Params:
    return {
        "w": np.array([[0.5, -0.75, 0.25], [1.25, 0.5, -1.0]], dtype),
        "b": np.array([0.75, 1.5], dtype),
    }


def _with(**factors: float) -> Callable[[Params], Params]:
    return lambda right: {key: factors.get(key, 1.0) * array for key, array in right.items()}


def _with_one_element(right: Params) -> Params:
    right["w"][1, 2] += 0.1
    return right


def _kept_where_it_raises(function: Function, arguments: Arguments) -> Feature:
    """Observe whether the arguments are as before where the loss raises: see `keeping`."""

    def past_its_end(*passed: Any) -> None:
        with suppress(ArithmeticError):
            function(*passed)

    return features.keeping(past_its_end, arguments)


def _batch() -> Iterator[Probe]:
    """``batch_of_sequences(sequences, end, length)``."""
    yield Probe("", "values", "three sequences", lambda: ([[1, 2, 3], [2], [3, 1]], 0, 5))
    yield Probe("", "values", "end mark 4", lambda: ([[1, 0, 2, 2], [3, 3]], 4, 6))
    yield Probe("", "values", "its index among the tokens", lambda: ([[1, 2, 1, 2], [2]], 2, 6))
    yield Probe("", "long", "as long as there is room", lambda: ([[1, 2, 3], [1]], 0, 3))
    yield Probe("", "long", "longer", lambda: ([[1, 2, 3, 1, 2], [3, 2, 1], [2]], 0, 3))
    yield Probe("", "long", "length = 1", lambda: ([[1, 2], [], [3]], 0, 1))
    yield Probe("", "empty", "an empty sequence", lambda: ([[], [1]], 2, 3))
    yield Probe("", "empty", "no sequences", lambda: ([], 2, 3))
    yield Probe("", "refuses", "length = 0", lambda: ([[1], [2, 1]], 0, 0), features.refusal)
    yield Probe("", "refuses", "length = -1", lambda: ([[1], [2, 1]], 0, -1), features.refusal)
    sequences: Arguments = lambda: ([[1, 2, 3, 1], [2], []], 0, 3)  # noqa: E731
    yield Probe("", "keeps", "arguments", sequences, features.keeping)


def _step() -> Iterator[Probe]:
    """``training_step(decoder_params, context_vector, tokens, sampling_prob, learning_rate)``."""

    def call(p: float, rate: float = 0.5, T: int = 6, dtype: type = np.float64) -> tuple[Any, ...]:
        made = random_example("rnn", T, 4, 5, 4, FREE_SEED, dtype=dtype)
        return made.decoder_params, made.context_vector, _tokens(T, 4, 55), p, rate

    yield Probe("", "values", "p = 0", lambda: call(0.0), features.steady_value)
    yield Probe("", "values", "p = 0, one step", lambda: call(0.0, T=1), features.steady_value)
    yield Probe("", "values", "p = 0, small rate", lambda: call(0.0, 0.01), features.steady_value)
    yield Probe("", "own", "p = 1", lambda: call(1.0), features.steady_value)
    yield Probe("", "own", "p = 1, ten steps", lambda: call(1.0, T=10), features.steady_value)
    yield Probe("", "rate", "learning_rate = 0", lambda: call(0.0, 0.0), features.steady_value)
    yield Probe("", "empty", "no tokens", lambda: call(0.5, T=0))
    yield Probe("", "float32", "p = 0", lambda: call(0.0, dtype=np.float32))
    yield Probe("", "keeps", "arguments", lambda: call(0.5), features.keeping)
    yield Probe("", "forgets", "calls", lambda: call(0.0), features.memory)
    for p in (-0.1, 1.1, float("nan")):
        bad: Arguments = partial(call, p)
        yield Probe("", "refuses", f"sampling_prob = {p}", bad, features.refusal)
    without: Arguments = partial(call, 1.5, T=0)
    yield Probe("", "refuses", "sampling_prob = 1.5 without tokens", without, features.refusal)
    yield Probe("", "own", "p = 0.5", _two_coins, _outcomes)


def _two_coins() -> tuple[Any, ...]:
    context, _, params = example("rnn")
    return params, context, np.array([2, 1, 0]), 0.5, 0.5


def _outcomes(function: Function, arguments: Arguments, times: int = 80) -> Feature:
    """Observe how many results come of equal calls; of two coins there are four.

    That one of these is missed has a probability of 4 * 0.75**80 = 4e-10.
    """
    try:
        results = features.again(function, arguments, times)
    except Exception as error:
        return features.raised(error)
    seen = [features.describe(one) for one in results]
    numbers = [one.values for one in seen if one.values is not None]
    if len(numbers) < times:
        return seen[0]
    n = len({one.round(4).tobytes() for one in numbers})
    how_many = {1: "1 result"}.get(n, f"{n if n <= 4 else 'more than 4'} results")
    return Feature(f"gives {how_many} at sampling_prob 0.5")


#: An example in which a decoder that runs free chooses several tokens, and no choice is close.
FREE_SEED = 406


def _interval() -> Iterator[Probe]:
    """``paired_interval(a, b)``."""
    five = [0.40, 0.44, 0.38, 0.41, 0.47], [0.31, 0.30, 0.33, 0.35, 0.29]

    def hard() -> tuple[Any, ...]:
        seeds = [0.0, 2.0, -1.0, 5.0, 3.0]
        a, b = ([x + h for x, h in zip(numbers, seeds, strict=True)] for numbers in five)
        return a, b

    yield Probe("", "values", "five seeds", lambda: tuple(map(list, five)))
    yield Probe("", "values", "two seeds", lambda: ([1.0, 2.0], [2.5, 4.0]))
    yield Probe("", "values", "twelve seeds", lambda: (_numbers(12, 57), _numbers(12, 58)))
    yield Probe("", "values", "seeds of different hardness", hard)
    yield Probe("", "single", "one seed", lambda: ([0.4], [0.3]))
    yield Probe("", "refuses", "a of 2, b of 1", lambda: ([0.4, 0.5], [0.3]), features.refusal)
    yield Probe("", "refuses", "a of 1, b of 3", lambda: ([0.4], [0.3] * 3), features.refusal)
    yield Probe("", "refuses", "a of 2, b of 3", lambda: ([0.4] * 2, [0.3] * 3), features.refusal)
    yield Probe("", "refuses", "no seeds", lambda: ([], []), features.refusal)
    yield Probe("", "keeps", "arguments", lambda: tuple(map(list, five)), features.keeping)
    yield Probe("", "forgets", "calls", lambda: tuple(map(list, five)), features.memory)


def _numbers(n: int, seed: int) -> list[float]:
    numbers: list[float] = random_example("rnn", 1, n, 1, 1, seed).target_seq[0].tolist()
    return numbers


#: Which arguments each is called with, in their order.
ARGUMENTS = {
    "cross_entropy_and_gradient": ("logits", "tokens", "mask"),
    "rnn_decoder_backward": ("context_vector", "fed", "decoder_params", "d_logits"),
    "gradient_check": ("loss", "params", "gradients", "step"),
    "batch_of_sequences": ("sequences", "end", "length"),
    "training_step": (
        "decoder_params",
        "context_vector",
        "tokens",
        "sampling_prob",
        "learning_rate",
    ),
    "paired_interval": ("a", "b"),
}

#: What the parts of their results are called.
RESULTS = {
    "cross_entropy_and_gradient": ("the loss", "d_logits"),
    "rnn_decoder_backward": ("the gradients", "d_context"),
    "batch_of_sequences": ("inputs", "targets", "mask"),
    "training_step": ("the parameters", "the loss"),
    "paired_interval": ("the mean", "the half width"),
}

PROBES: dict[str, Callable[[], Iterator[Probe]]] = {
    "cross_entropy_and_gradient": _loss,
    "rnn_decoder_backward": _backward,
    "gradient_check": _check,
    "batch_of_sequences": _batch,
    "training_step": _step,
    "paired_interval": _interval,
}
