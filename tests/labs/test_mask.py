"""The mask without widgets: attention that is read, outputs that move, passes that settle."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from course.engine.transformer import generate
from course.labs.mask import state as module
from course.labs.mask.case import CAUSAL, RANDOM, STEPS, TRUTH, MaskCase, to_read_weights
from course.labs.mask.pictures import standing
from course.labs.mask.state import SHORT, Mask
from course.labs.page.state import complete
from course.trained import results
from course.trained.masks import MASKS, sees

NOT_CAUSAL = [mask for mask in MASKS if mask != CAUSAL]


def causal_attention(x: Any, block: Any) -> Any:
    y = np.zeros_like(x)
    for t in range(len(x)):
        q = block["W_q"] @ x[t]
        scores = np.array([q @ (block["W_k"] @ x[j]) for j in range(t + 1)]) / np.sqrt(x.shape[1])
        a = np.exp(scores - scores.max())
        y[t] = block["W_o"] @ sum(a[j] / a.sum() * (block["W_v"] @ x[j]) for j in range(t + 1))
    return y


def rms(x: Any) -> Any:
    return x / np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-6)


def transformer_forward(context_vector: Any, target_seq: Any, params: Any) -> Any:
    T = len(target_seq)
    fed = np.vstack([params["x_start"], target_seq[:-1]])
    x = fed @ params["W_in"].T + params["W_context"] @ context_vector + params["positions"][:T]
    for block in params["blocks"]:
        x = x + causal_attention(rms(x), block)
        inner = np.maximum(rms(x) @ block["W_1"].T + block["b_1"], 0)
        x = x + inner @ block["W_2"].T + block["b_2"]
    return rms(x) @ params["W_out"].T + params["b_out"]


def looks_too_far(x: Any, block: Any) -> Any:
    """See the next position, too."""
    scores = (x @ block["W_q"].T) @ (x @ block["W_k"].T).T / np.sqrt(x.shape[1])
    scores[~np.tri(len(x), k=1, dtype=bool)] = -1e9
    a = np.exp(scores - scores.max(axis=1, keepdims=True))
    return a / a.sum(axis=1, keepdims=True) @ (x @ block["W_v"].T) @ block["W_o"].T


def leaks(context_vector: Any, target_seq: Any, params: Any) -> Any:
    """Feed each position the token that it is to name."""
    shifted = np.vstack([target_seq[1:], target_seq[-1:]])
    return transformer_forward(context_vector, shifted, {**params, "x_start": target_seq[0]})


@pytest.fixture(scope="module")
def opened() -> Mask:
    return complete(Mask(causal_attention, transformer_forward))


@pytest.mark.parametrize("block", [0, 1])
def test_the_weights_that_are_read_are_those_of_the_models_attention(
    opened: Mask, block: int
) -> None:
    complete(opened, block=block)
    x, right = opened.trial.case.seen[block]
    q, k = (x @ opened.trial.case.params["blocks"][block][name].T for name in ("W_q", "W_k"))
    weights = np.exp(q @ k.T / np.sqrt(x.shape[1])) * np.tri(STEPS)
    weights /= weights.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(right, weights, rtol=0, atol=1e-12)
    np.testing.assert_allclose(opened.trial.weights[block], weights, rtol=0, atol=1e-12)
    assert opened.message() == ""
    complete(opened, block=0)


def test_what_reads_weights_reads_those_of_a_wrong_function(opened: Mask) -> None:
    x, _ = opened.trial.case.seen[0]
    read, made = to_read_weights(x, opened.trial.case.params["blocks"][0])
    seen = looks_too_far(read, made)[:, x.shape[1] :]
    np.testing.assert_allclose(seen.sum(axis=1), 1)
    assert (np.diag(seen, 1) > 0).all()
    assert not np.triu(seen, 2).any()


@pytest.mark.parametrize("position", [0, 1, 12, STEPS - 1])
def test_under_a_causal_mask_an_input_moves_its_own_output_and_all_behind(
    opened: Mask, position: int
) -> None:
    complete(opened, position=position)
    moved = opened.trial.moved[position]
    np.testing.assert_array_equal(moved, np.arange(STEPS) >= position)
    assert f"{STEPS - position} of {STEPS} outputs move, none before" in opened.words()
    assert ("holds, unseen. " in opened.words()) == (position > 0)
    assert ("x_start, which is no output's answer" in opened.words()) == (position == 0)
    assert opened.things()[1].body.count('class="cross"') == 1


@pytest.mark.parametrize("mask", NOT_CAUSAL)
def test_any_other_mask_shows_an_answer(mask: str) -> None:
    state = complete(Mask(causal_attention, transformer_forward, mask=mask))
    moved = state.trial.moved[state.position]
    assert moved[state.position - 1]
    assert moved[: state.position].sum() == state.things()[1].body.count('class="cross"') - 1
    assert "Output 11 is to name the token that input 12 holds, and has seen it." in state.words()
    assert "by the lab's own decoder" in state.words()
    future = np.triu(state.trial.weights[0], 1)
    assert future.any()
    assert not future[~sees(mask, STEPS)].any()


@pytest.mark.parametrize("start", [TRUTH, RANDOM])
def test_after_pass_k_the_first_k_steps_and_one_stand_and_never_fall(
    opened: Mask, start: str
) -> None:
    complete(opened, start=start)
    case, passes = opened.trial.case, opened.trial.passes[start]
    own = generate(case.params, case.context[:, None], STEPS)[:, :, 0].argmax(axis=1)
    np.testing.assert_array_equal(case.free, own)
    front = [standing(said, own) for said in passes]
    assert all(stands >= min(k + 1, STEPS) for k, stands in enumerate(front))
    assert front == sorted(front)
    assert front[-1] == STEPS
    assert f"Pass {front.index(STEPS)} is the free run" in opened.words()


def test_what_no_pass_says_is_told_once_all_have_been_run() -> None:
    state = Mask(causal_attention, transformer_forward, start=RANDOM)
    while state.advance(0.0):
        assert "No pass is the free run" not in state.words()
    assert "is the free run; pass 0" in state.words()


def test_from_random_tokens_it_takes_longer_than_from_the_truth(opened: Mask) -> None:
    for start in (TRUTH, RANDOM):
        complete(opened, start=start)
    assert len(opened.trial.passes[RANDOM]) > len(opened.trial.passes[TRUTH]) + 3


def test_without_a_mask_the_truth_confirms_itself() -> None:
    """Each answer is read off the input: what is fed is said again, whatever it is worth."""
    state = complete(Mask(causal_attention, mask="none"))
    case, passes = state.trial.case, state.trial.passes[TRUTH]
    np.testing.assert_array_equal(passes[0][:-1], case.tokens[:-1])
    assert (passes[-1] != case.free).mean() > 0.5
    assert "No pass is the free run" in state.words()


def test_the_decoder_is_the_engines_where_none_is_given() -> None:
    given = complete(Mask(causal_attention, transformer_forward))
    alone = complete(Mask(causal_attention))
    np.testing.assert_array_equal(alone.trial.moved[12], given.trial.moved[12])
    np.testing.assert_array_equal(alone.trial.passes[TRUTH], given.trial.passes[TRUTH])


def test_words_and_picture_change_with_every_control(opened: Mask) -> None:
    complete(opened, position=12, start=TRUTH)
    seen = {(opened.words(), opened.picture(), opened.key())}
    changes: list[dict[str, Any]] = [
        *({"position": at} for at in (0, 29)),
        {"block": 1},
        {"start": RANDOM},
        {"sequence": 3},
        *({"mask": mask} for mask in NOT_CAUSAL),
    ]
    for change in changes:
        seen.add((complete(opened, **change).words(), opened.picture(), opened.key()))
    assert all(len(set(one)) == len(changes) + 1 for one in zip(*seen, strict=True))
    complete(opened, mask=CAUSAL, sequence=0, block=0, start=TRUTH)


@pytest.mark.parametrize("mask", MASKS)
def test_what_is_said_of_a_mask_is_what_was_measured(mask: str) -> None:
    state = complete(Mask(causal_attention, mask=mask))
    loss = results.find(f"masks/transformer/{mask}/nll_nats")
    own = results.find(f"masks/transformer/{mask}/own_prefix_error")
    assert loss.n == own.n == 5
    assert f"a loss of {loss.mean:.2f} nats" in state.words()
    assert f"and {100 * own.mean:.0f} % when they run free" in state.words()
    losses, errors = state.charts()[2:]
    assert f"{SHORT[mask]} {loss.mean:.3f}" in losses.alt
    assert f"and {100 * own.mean:.0f}" in errors.alt


def test_only_other_positions_and_the_other_block_are_looked_at_ahead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SLOW_S", np.inf)  # however busy the machine
    state = complete(Mask(causal_attention, transformer_forward))
    while state.ahead(0.0):
        pass
    assert set(state.trial.moved) == set(range(STEPS))
    assert set(state.trial.weights) == {0, 1}
    assert (state.position, state.block) == (12, 0)


def test_a_slow_function_is_not_called_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLOW_S", 0.0)
    state = complete(Mask(causal_attention))
    assert not state.ahead(1.0)
    assert set(state.trial.moved) == {12}


def test_a_piece_of_work_is_done_at_each_call_however_short_the_time() -> None:
    state, calls = Mask(causal_attention, transformer_forward), 1
    while state.advance(0.0):
        calls += 1
        assert state.words()
        assert state.picture()
    assert calls >= len(state.trial.passes[TRUTH])


def test_a_wrong_attention_is_shown_and_told() -> None:
    state = complete(Mask(looks_too_far, transformer_forward))
    assert "looks_too_far differs from what is expected, first in row 0" in state.message()
    assert "checks.check(looks_too_far) says more" in state.message()
    assert (np.diag(state.trial.weights[0], 1) > 0.001).any()
    assert "Attention, block 1: 0 %" not in state.words()


def test_a_decoder_that_leaks_is_shown_and_told() -> None:
    state = complete(Mask(causal_attention, leaks))
    assert "leaks differs from what is expected, first in row 0" in state.message()
    assert state.trial.moved[12][11]
    assert "and has seen it." in state.words()


def wrong_shape(x: Any, block: Any) -> Any:
    return x[1:]


def stops_at_the_second_pass(context_vector: Any, target_seq: Any, params: Any) -> Any:
    if not np.array_equal(target_seq.argmax(axis=1), MaskCase(CAUSAL, 0).tokens):
        raise IndexError("no such token")
    return transformer_forward(context_vector, target_seq, params)


@pytest.mark.parametrize(
    ("attention", "forward", "said"),
    [
        (wrong_shape, transformer_forward, "expected (T, d) = (30, 62): one row for each position"),
        (causal_attention, lambda *_: None, "returned None: does it end with"),
        (causal_attention, stops_at_the_second_pass, "stopped with IndexError: no such token"),
    ],
)
def test_a_function_that_cannot_be_shown_gives_place_to_the_right_one(
    opened: Mask, attention: Any, forward: Any, said: str
) -> None:
    state = complete(Mask(attention, forward))
    assert said in state.message()
    assert "The picture shows what is expected. Write or mend it" in state.message()
    complete(opened, position=12, start=TRUTH)
    np.testing.assert_allclose(state.trial.weights[0], opened.trial.weights[0], atol=1e-12)
    np.testing.assert_array_equal(state.trial.moved[12], opened.trial.moved[12])
    np.testing.assert_array_equal(state.trial.passes[TRUTH], opened.trial.passes[TRUTH])


def test_a_function_that_is_mended_takes_the_place_of_the_old_one(
    notebook: Any, unwritten: Any
) -> None:
    names = ("causal_attention", "transformer_forward")
    state = complete(Mask(*(notebook.define(name, unwritten) for name in names)))
    assert "causal_attention is not written yet" in state.message()
    notebook.update(right=causal_attention, forward=transformer_forward)
    notebook.define(names[0], lambda *given: right(*given))  # noqa: F821
    assert "transformer_forward is not written yet" in complete(state).message()
    notebook.define(names[1], lambda *given: forward(*given))  # noqa: F821
    assert complete(state).message() == ""
    assert "by your functions" in state.words()


@pytest.mark.parametrize(
    ("attention", "forward", "whose"),
    [
        (causal_attention, transformer_forward, "your functions"),
        (causal_attention, None, "your attention and the lab's decoder"),
        (wrong_shape, transformer_forward, "your decoder and the lab's attention"),
        (wrong_shape, None, "the lab's own decoder"),
    ],
)
def test_it_is_told_whose_functions_are_shown(attention: Any, forward: Any, whose: str) -> None:
    assert f"causal, by {whose}, " in complete(Mask(attention, forward)).words()


def test_each_colour_of_dots_is_named_in_its_chart() -> None:
    losses, errors = complete(Mask(causal_attention)).charts()[2:]
    assert re.findall(r'<text class="(\w+)"[^>]*>([^<]+)<', losses.inner()) == [
        ("truth", "true"),
        ("truth", "prefix"),
    ]
    named = dict(re.findall(r'<text class="(\w+)"[^>]*>(own|true)<', errors.inner()))
    assert named == {"own": "own", "truth": "true"}


def test_four_charts_stand_in_pairs_so_that_none_is_left_alone() -> None:
    picture = complete(Mask(causal_attention)).picture()
    pairs = picture.split('<div class="course-pair">')[1:]
    assert [pair.count("<figure") for pair in pairs] == [2, 2]
