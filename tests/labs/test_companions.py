"""Divergence with the learner's own free running and measure, as a lesson may open it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course.labs.divergence.companions import Companions
from course.labs.divergence.state import Divergence
from course.labs.page.state import complete

CELLS = ("rnn", "lstm", "gru")


@pytest.fixture
def state(sampler: Any, load: Any) -> Divergence:
    return Divergence(sampler, load, task="ring", rollouts=10)


@pytest.fixture
def run_free(sampler: Any) -> Any:
    def decoder(c: Any, seq_len: int, params: Any, cell_type: str = "rnn") -> Any:
        return sampler(c, np.zeros((seq_len, len(params["b_y"]))), params, 1.0, cell_type)

    return decoder


def divergence_by_step(logits_true: Any, logits_own: Any) -> Any:
    p, q = (np.exp(logits) for logits in (logits_true, logits_own))
    p, q = (one / one.sum(axis=1, keepdims=True) for one in (p, q))
    return (p * (np.log(p) - np.log(q))).sum(axis=1)


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_right_companions_draw_what_the_lab_would_draw(
    state: Divergence, sampler: Any, run_free: Any, load: Any, cell: str
) -> None:
    calls = {"free": 0, "measure": 0}

    def free(*given: Any) -> Any:
        calls["free"] += 1
        return run_free(*given)

    def measure(*given: Any) -> Any:
        calls["measure"] += 1
        return divergence_by_step(*given)

    own = Divergence(sampler, load, "ring", rollouts=10, companions=Companions(free, measure))
    complete(own, cell=cell)
    complete(state, cell=cell)
    assert own.message() == ""
    assert calls == {"free": 10, "measure": 10 + 10 * len(own.trial._runs)}
    for mine, theirs in zip(
        (*own.free(), *own.measured()), (*state.free(), *state.measured()), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, atol=1e-9)


@pytest.mark.slow
def test_a_wrong_companion_is_named_and_its_own_lines_are_drawn(
    sampler: Any, run_free: Any, load: Any
) -> None:
    def in_bits(true: Any, own: Any) -> Any:
        return divergence_by_step(true, own) / np.log(2)

    def truth_first(c: Any, seq_len: int, params: Any, cell_type: str = "rnn") -> Any:
        return run_free(0 * c, seq_len, params, cell_type)

    for companions, said in (
        (Companions(measure=in_bits), "in_bits differs from what is expected, first at step"),
        (Companions(truth_first), "truth_first differs from what is expected, first at step 0"),
    ):
        state = complete(Divergence(sampler, load, "ring", rollouts=10, companions=companions))
        assert state.message().startswith(said)
        assert not np.allclose(state.free()[0], state.case.kl_own[:, :10])


def test_an_unwritten_companion_is_named_and_the_lab_uses_its_own(
    sampler: Any, load: Any, unwritten: Any
) -> None:
    for companions in (Companions(unwritten), Companions(measure=unwritten)):
        state = complete(Divergence(sampler, load, "ring", rollouts=10, companions=companions))
        assert state.message().startswith(
            "not_written is not written yet. Until then the lab uses its own."
        )
        assert state.measured() is not None
        np.testing.assert_allclose(state.free()[0], state.case.kl_own[:, :10])


def test_functions_that_were_mended_are_met_at_the_next_move(
    sampler: Any, load: Any, unwritten: Any, notebook: Any
) -> None:
    for name in ("sampling", "measure"):
        notebook.define(name, unwritten)
    companions = Companions(measure=notebook["measure"])
    state = Divergence(notebook["sampling"], load, "ring", rollouts=10, companions=companions)
    assert "sampling is not written yet" in complete(state).message()
    notebook.define("sampling", lambda *given: sampler(*given))
    assert "measure is not written yet" in complete(state).message()
    notebook.define("measure", lambda true, own: 0 * true[:, 0])
    assert "measure differs from what is expected" in complete(state, seed=1).message()
    assert state.measured()[0].max() == 0
