"""Harm without widgets: the chain has a closed form, and measured models are compared with it."""

from __future__ import annotations

import re

import numpy as np
import pytest

from course.engine import Parameters, initial_parameters
from course.labs import when_it_hurts
from course.labs.harm import SAMPLES, SHOWN_PAIRS, SHOWN_SAMPLES, Harm, marked, shipped_harm
from course.labs.page.state import complete
from course.tasks import find_task
from course.tasks.names import real_surnames
from course.trained import results


def names_model(prob: float) -> Parameters:
    return initial_parameters(
        find_task("names").shape("gru", 6), np.random.default_rng(int(100 * prob))
    )


@pytest.fixture
def state() -> Harm:
    probs = (0.0, 0.25, 0.5)
    return Harm(
        repeat={p: np.array([1 - p / 2 - 0.01, 1 - p / 2 - 0.02]) for p in probs},
        kl_nats={p: np.array([p / 2, p / 2 + 0.01]) for p in probs},
        nll_nats={p: np.array([2 + p, 2.1 + p]) for p in probs},
        real={p: np.array([0.08 - p / 10, 0.07 - p / 10]) for p in probs},
        writer=names_model,
        pairer=lambda prob: initial_parameters(
            find_task("chain").shape("gru", 4), np.random.default_rng(int(100 * prob))
        ),
    )


def test_the_lab_shows_what_the_lesson_quotes() -> None:
    state = shipped_harm()
    assert list(state.repeat) == list(state.real) == [0.0, 0.25, 0.5, 0.75, 1.0]
    for prob, way in ((0.0, "p0.00"), (0.75, "p0.75-sample")):
        state.sampling_prob = prob
        state.advance(1.0)
        loss, real = (
            results.find(f"names/gru/{way}/{name}").mean for name in ("nll_nats", "real_names")
        )
        assert f"{loss:.3f} nats per letter" in state.words()
        assert f"{100 * real:.1f} % of the sampled names" in state.words()
        kl = results.find(f"chain/gru/{way}/kl_nats").mean
        assert f"which is {kl:.3f} nats from the truth" in state.words()


def test_words_give_the_measured_beside_the_closed_form(state: Harm) -> None:
    state.sampling_prob = 0.5
    while state.advance(1.0):
        pass
    assert "probability 0.735 (closed form 0.750)" in state.words()
    assert "(closed form 0.288)" in state.words()


def test_surnames_stand_beside_those_of_teacher_forcing_and_wrong_letters_have_a_sign() -> None:
    state = complete(shipped_harm(), sampling_prob=1.0)
    names = state.things()[1]
    real, unreal = (names.body.count(f">{sign}<") for sign in "✓✗")
    assert real + unreal == 2 * SHOWN_SAMPLES
    assert names.body.count("<tspan") == unreal
    listed = {*real_surnames()}
    for name in state._written[1.0]:
        assert (marked(name)[1] < 0) == (name in listed)
    assert len(complete(state, sampling_prob=0.0).things()[1].body) < len(names.body)


@pytest.mark.parametrize("prob", [0.25, 0.5, 0.75, 1.0])
def test_at_each_setting_the_harm_is_seen_in_the_list_and_real_names_come_first(
    prob: float,
) -> None:
    state = complete(shipped_harm(), sampling_prob=prob)
    said = re.findall(r"(\d+) with", state.things()[1].finding)
    forced, sampled = map(int, said)
    assert SHOWN_SAMPLES > forced > sampled > 0
    for count, at in ((forced, 0.0), (sampled, prob)):
        assert abs(count - SAMPLES * state.real[at].mean()) < 3
    signs = re.findall(">([✓✗])<", state.things()[1].body)
    assert signs[:SHOWN_SAMPLES] == ["✓"] * forced + ["✗"] * (SHOWN_SAMPLES - forced)
    assert signs[SHOWN_SAMPLES:] == ["✓"] * sampled + ["✗"] * (SHOWN_SAMPLES - sampled)


@pytest.mark.parametrize("prob", [0.0, 1.0])
def test_a_pair_is_wrong_where_its_second_token_is_another_than_its_first(prob: float) -> None:
    state = complete(shipped_harm(), sampling_prob=prob)
    first, second = state._pairs[prob]
    assert {*first.tolist()} == {0, 1}
    pairs = state.things()[0]
    wrong = int((first != second).sum())
    assert pairs.body.count('class="cross"') == wrong
    assert pairs.finding.startswith(f"In {SHOWN_PAIRS - wrong} of {SHOWN_PAIRS} sampled pairs")
    assert pairs.finding in pairs.alt
    assert (wrong == 0) == (prob == 0.0)


def test_every_position_has_a_picture_and_words_of_its_own(state: Harm) -> None:
    view = when_it_hurts("Samples get worse.", state=state)
    seen = set()
    for p in state.repeat:
        view.controls["sampling_prob"].value = p
        seen.add((view.picture.value, view.words.value))
        assert view.picture.value.count("<svg") == 2 + 4
    assert len(seen) == 3
    view.close()
