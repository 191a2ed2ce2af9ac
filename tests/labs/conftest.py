"""A small decoder, the learner's functions written for the tests alone, and a notebook."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import numpy as np
import pytest

from course.engine import Parameters, initial_parameters
from course.labs.page.models import Models
from course.tasks import find_task


@pytest.fixture(autouse=True)
def _no_loop_runs() -> Iterator[None]:
    """Hide the loop that Playwright leaves running in the thread of earlier tests."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


def small(task: str, cell: str, seed: int = 0) -> Parameters:
    """A model with random weights, large enough that its choices differ from step to step."""
    shape = find_task(task).shape(cell, 6)
    parameters = initial_parameters(shape, np.random.default_rng(seed), np.float64)
    return Parameters(shape, parameters.flat * 4)


def step(cell: str, x: Any, h: Any, c: Any, params: Any) -> Any:
    a = params["W_xh"] @ x + params["b_xh"]
    u = params["W_hh"] @ h + params["b_hh"]
    if cell == "rnn":
        return np.tanh(a + u), c
    if cell == "lstm":
        i, f, g, o = np.split(a + u, 4)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        c = f * c + i * np.tanh(g)
        return o * np.tanh(c), c
    (a_r, a_z, a_n), (u_r, u_z, u_n) = np.split(a, 3), np.split(u, 3)
    r, z = 1 / (1 + np.exp(-a_r - u_r)), 1 / (1 + np.exp(-a_z - u_z))
    return (1 - z) * np.tanh(a_n + r * u_n) + z * h, c


def decoder_forward_scheduled_sampling(
    context_vector: Any,
    target_seq: Any,
    decoder_params: Any,
    sampling_prob: float,
    cell_type: str = "rnn",
    rng: Any = None,
) -> Any:
    rng = np.random.default_rng() if rng is None else rng
    h, c = context_vector, np.zeros_like(context_vector)
    logits = np.zeros((len(target_seq), len(decoder_params["b_y"])))
    for t in range(len(target_seq)):
        x = decoder_params["x_start"] if t == 0 else target_seq[t - 1]
        if t and rng.random() < sampling_prob:
            x = np.eye(logits.shape[1])[logits[t - 1].argmax()]
        h, c = step(cell_type, x, h, c, decoder_params)
        logits[t] = decoder_params["W_hy"] @ h + decoder_params["b_y"]
    return logits


def decoder_forward_teacher_forcing(
    context_vector: Any, target_seq: Any, decoder_params: Any, cell_type: str = "rnn"
) -> Any:
    return decoder_forward_scheduled_sampling(
        context_vector, target_seq, decoder_params, 0.0, cell_type
    )


def rnn_decoder_backward(context_vector: Any, fed: Any, decoder_params: Any, d_logits: Any) -> Any:
    states = [context_vector]
    for x in fed:
        states.append(step("rnn", x, states[-1], None, decoder_params)[0])
    gradients = {name: np.zeros_like(array) for name, array in decoder_params.items()}
    d_h = np.zeros_like(context_vector)
    for t in reversed(range(len(fed))):
        d_h = d_h + decoder_params["W_hy"].T @ d_logits[t]
        d_sum = d_h * (1 - states[t + 1] ** 2)
        gradients["W_hy"] += np.outer(d_logits[t], states[t + 1])
        gradients["b_y"] += d_logits[t]
        gradients["W_xh"] += np.outer(d_sum, fed[t])
        gradients["W_hh"] += np.outer(d_sum, states[t])
        gradients["b_xh"] += d_sum
        gradients["b_hh"] += d_sum
        if t == 0:
            gradients["x_start"] = decoder_params["W_xh"].T @ d_sum
        d_h = decoder_params["W_hh"].T @ d_sum
    return gradients, d_h


@pytest.fixture
def way_back() -> Any:
    return rnn_decoder_backward


def expected_reward_gradient(logits: Any, tokens: Any, reward: Any, baseline: Any = 0.0) -> Any:
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return -(reward - baseline) * (np.eye(p.shape[1])[tokens] - p)


@pytest.fixture
def rewarded() -> Any:
    return expected_reward_gradient


@pytest.fixture
def sampler() -> Any:
    return decoder_forward_scheduled_sampling


@pytest.fixture
def forcer() -> Any:
    return decoder_forward_teacher_forcing


@pytest.fixture
def cell_step() -> Any:
    return step


@pytest.fixture
def load() -> Any:
    return small


@pytest.fixture
def models() -> Models:
    """Two tasks with every cell."""
    return Models(("ring", "runs"), lambda task: ("gru", "rnn", "lstm"), small)


def not_written(*_: Any) -> Any:
    raise NotImplementedError


@pytest.fixture
def unwritten() -> Any:
    return not_written


class Notebook(dict[str, Any]):
    """The names of a notebook."""

    def define(self, name: str, function: Any) -> Any:
        """Do what a cell does that holds a function: define it anew under its name."""
        made = FunctionType(function.__code__, self, name, None, function.__closure__)
        self[name] = made
        return made


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()
