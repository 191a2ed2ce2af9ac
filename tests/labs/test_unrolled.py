"""The unrolled decoder without widgets: which token was fed is read off the logits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course import labs
from course.labs.unrolled import Unrolled, UnrolledRun


def run_of(state: Unrolled, **settings: Any) -> UnrolledRun:
    for name, value in settings.items():
        setattr(state, name, value)
    state.advance(1.0)
    run = state.run()
    assert isinstance(run, UnrolledRun)
    return run


@pytest.fixture(params=["rnn", "lstm", "gru"])
def state(request: Any, sampler: Any, load: Any) -> Unrolled:
    return Unrolled(sampler, load, task="ring", cell=request.param)


def test_the_ends_of_the_slider_are_all_truth_and_all_own(state: Unrolled) -> None:
    assert run_of(state, sampling_prob=0.0).fed == "S" + "T" * 19
    assert run_of(state, sampling_prob=1.0).fed == "S" + "O" * 19


def test_between_them_the_letters_are_the_coins(state: Unrolled) -> None:
    run = run_of(state, sampling_prob=0.5, coins=3)
    rng = np.random.default_rng([3, 0])
    coins = "".join("TO"[int(rng.random() < 0.5)] for _ in range(19))
    told = [letter for letter in run.fed[1:] if letter != "="]
    assert told == [coin for coin, letter in zip(coins, run.fed[1:], strict=True) if letter != "="]
    assert {"T", "O"} <= set(told)


def test_new_coins_change_what_is_fed(state: Unrolled) -> None:
    assert len({run_of(state, sampling_prob=0.5, coins=k).fed for k in range(5)}) > 1


def test_a_teacher_forcing_function_is_fed_what_the_labs_coins_say(
    forcer: Any, sampler: Any, load: Any
) -> None:
    forced = Unrolled(forcer, load, task="ring")
    assert run_of(forced, sampling_prob=0.0).fed == "S" + "T" * 19
    free = run_of(forced, sampling_prob=1.0)
    assert free.fed == "S" + "O" * 19
    own = run_of(Unrolled(sampler, load, task="ring"), sampling_prob=1.0)
    assert free.said.tolist() == own.said.tolist()
    assert set(run_of(forced, sampling_prob=0.5).fed[1:]) == {"T", "O"}


def test_a_token_that_is_neither_is_told(sampler: Any, load: Any) -> None:
    def early(context_vector, target_seq, decoder_params, p, cell_type="rnn", rng=None):
        ahead = np.roll(target_seq, -1, axis=0)
        return sampler(context_vector, ahead, decoder_params, 0.0, cell_type)

    state = Unrolled(early, load, task="ring", sequence=1)
    run = run_of(state)
    assert run.fed.startswith("S?")
    assert "Step 1 was fed neither" in state.message()
    assert "neither the truth" in (setattr(state, "step", 1) or state.words())


def test_a_wrong_start_is_told(sampler: Any, load: Any) -> None:
    def starts_with_the_truth(c, target_seq, params, p, cell_type="rnn", rng=None):
        return sampler(c, target_seq, {**params, "x_start": target_seq[0]}, p, cell_type, rng)

    state = Unrolled(starts_with_the_truth, load, task="ring")
    assert run_of(state).fed == "?" * 20
    assert "Row 0 is not what the context and x_start give" in state.message()
    state.step = 3
    assert state.words().startswith("Step 3 of 19: fed something that cannot be told.")
    assert "inputs were its own" not in state.words()


def test_an_unwritten_function_leaves_the_true_tokens(load: Any, unwritten: Any) -> None:
    state = Unrolled(unwritten, load, task="ring")
    state.advance(1.0)
    assert "is not written yet" in state.message()
    assert state.picture().count("<svg") == 1 + 21
    assert state.words() == "The picture shows the true tokens alone."


def test_cards_after_the_step_tell_nothing(state: Unrolled) -> None:
    run_of(state, step=4)
    assert state.picture().count('class="later"') == 15
    assert "shown up to step 4" in state.picture()


def test_words_name_the_step_what_it_was_fed_and_whether_it_was_right(state: Unrolled) -> None:
    said = set()
    for step in range(20):
        run_of(state, step=step)
        said.add(state.words())
        assert state.words().startswith(f"Step {step} of 19: fed ")
    assert len(said) == 20


def test_a_shorter_task_brings_the_step_back(sampler: Any, load: Any) -> None:
    state = Unrolled(sampler, load, task="osc", step=29)
    run_of(state, task="ring")
    assert state.step == 19


def test_words_count_the_inputs_where_truth_and_own_token_were_alike(state: Unrolled) -> None:
    truth, said = np.array([1, 2, 3, 4]), np.array([1, 2, 5, 4])
    state._kept[state._setting()] = UnrolledRun(truth, said, "S==O", "====", np.full(4, 0.5))
    state.step = 3
    assert "1 of 3 inputs were its own, 2 were truth and own token alike, and 1 of 4" in (
        state.words()
    )
    state._kept[state._setting()] = UnrolledRun(truth, said, "STTO", "====", np.full(4, 0.5))
    assert "1 of 3 inputs were its own, and 1 of 4" in state.words()


@pytest.mark.parametrize(("p", "said"), [(0.0, "is fed the truth; step"), (1.0, "own token; step")])
def test_a_coin_the_wrong_way_round_is_told_at_both_ends(
    sampler: Any, load: Any, p: float, said: str
) -> None:
    def inverted(c, target, params, p, cell_type="rnn", rng=None):
        return sampler(c, target, params, 1 - p, cell_type, rng)

    state = Unrolled(inverted, load, task="ring", sampling_prob=p)
    run_of(state)
    assert f"At sampling_prob = {p:g} every step after the first" in state.message()
    assert said in state.message()


def test_a_function_that_feeds_its_own_token_under_teacher_forcing_is_told(
    sampler: Any, load: Any
) -> None:
    def decoder_forward_teacher_forcing(c, target, params, cell_type="rnn"):
        return sampler(c, target, params, 1.0, cell_type)

    state = Unrolled(decoder_forward_teacher_forcing, load, task="ring", sampling_prob=0.0)
    run_of(state)
    assert "was fed the model's own token, not the row of target_seq that" in state.message()


def test_right_functions_are_not_found_fault_with(sampler: Any, forcer: Any, load: Any) -> None:
    for function in (sampler, forcer):
        for p in (0.0, 0.35, 1.0):
            for sequence in range(5):
                state = Unrolled(function, load, "ring", "gru", p, sequence)
                run_of(state)
                assert state.message() == ""


def test_a_mended_function_is_met_at_the_next_move(
    load: Any, unwritten: Any, notebook: Any
) -> None:
    state = Unrolled(notebook.define("decoder", unwritten), load, task="ring")
    state.advance(1.0)
    assert "is not written yet" in state.message()
    notebook.define("decoder", lambda c, target, *_: target)
    state.step = 1
    state.advance(1.0)
    assert state.run().fed == "?" * 20
    assert "is not written yet" not in state.message()


def test_it_opens_at_teacher_forcing_where_the_function_knows_nothing_else(
    forcer: Any, sampler: Any, models: Any
) -> None:
    for function, p in ((forcer, 0.0), (sampler, 0.5)):
        view = labs.unrolled(function, models=models)
        assert (view.state.sampling_prob, view.controls["sampling_prob"].value) == (p, p)


def test_the_buttons_step_play_and_throw_and_play_pressed_again_plays_no_faster(
    sampler: Any, models: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = labs.unrolled(sampler, models=models)
    state, slide = view.state, view.controls["step"]
    for button in (view.forth, view.forth, view.back):
        button.click()
    assert (slide.value, state.step) == (1, 1)
    fed = state.run().fed
    while state.run().fed == fed:
        view.throw.click()
    waiting: list[Any] = []
    monkeypatch.setattr(view.turns, "later", lambda _, call: waiting.append(call))

    def a_moment_passes() -> int:
        due = waiting[:]
        waiting.clear()
        for call in due:
            call()
        return slide.value

    for _ in range(5):  # play, pause, play, pause, play
        view.play.click()
    assert view.play.description == "Pause"
    assert [a_moment_passes() for _ in range(3)] == [2, 3, 4]
    view.play.click()
    assert view.play.description == "Play"
    assert a_moment_passes() == 4
    assert waiting == []
    view.play.click()
    while waiting:
        a_moment_passes()
    assert (slide.value, view.play.description) == (slide.max, "Play")
    view.close()
