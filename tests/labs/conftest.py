"""A small decoder, the learner's functions written for the tests alone, and a notebook."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import numpy as np
import pytest
from answers import (
    STEPS,
    decoder_forward_scheduled_sampling,
    decoder_forward_teacher_forcing,
)
from way_back import way_back as right_way_back

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
    if cell == "lstm":
        return STEPS[cell](x, h, c, params)
    return STEPS[cell](x, h, params), c


@pytest.fixture
def way_back() -> Any:
    return right_way_back()


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
