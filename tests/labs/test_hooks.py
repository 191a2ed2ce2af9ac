"""What lessons open with: each hook shows what its lesson is about, on shipped models alone."""

from __future__ import annotations

import numpy as np
import pytest

from course.labs import hooks
from course.labs.hooks.case import OFFERED
from course.labs.hooks.state import OWN, STEPS, TRUTH, Derailing, Memory, Practice, SameLoss
from course.trained import results


def crosses(state: Memory | Derailing | Practice | SameLoss) -> list[int]:
    """Count what is marked as wrong on each drawing."""
    return [thing.body.count('class="cross"') for thing in state.things()]


def test_a_cell_that_works_writes_the_plainest_sequences_right_and_a_broken_one_does_not() -> None:
    assert crosses(Memory()) == [0]
    assert crosses(Memory(works=0))[0] > STEPS / 2


@pytest.mark.parametrize("works", [0, 1, 12, STEPS])
def test_before_it_breaks_a_cell_writes_what_it_wrote_and_after_it_what_it_is_fed_decides(
    works: int,
) -> None:
    state = Memory(works=works)
    case, said = state.case, state.said()
    np.testing.assert_array_equal(said[:works], case.forced[:works])
    fed = np.vstack([np.full((1, case.columns), -1), case.truth[:-1]])
    for token in range(16):  # the same input, whatever came before: the same output
        assert len(set(said[works:][fed[works:] == token].tolist())) <= 1


def test_what_derails_makes_one_mistake_when_it_is_forced_and_many_when_it_runs_free() -> None:
    assert crosses(Derailing()) == [1]
    assert crosses(Derailing(fed=OWN))[0] > STEPS / 2


def test_who_makes_no_mistake_when_forced_makes_none_running_free_either() -> None:
    case = Derailing().case
    perfect = case.wrong(case.forced) == 0
    assert perfect.any()
    assert not case.wrong(case.free)[perfect].any()


def test_practice_has_the_constant_ways_of_training_and_helps_on_average_too() -> None:
    cases = Practice().cases
    assert sorted(cases) == [0.0, 0.25, 0.5, 0.75, 1.0]
    percent = [case.percent(case.free) for _, case in sorted(cases.items())]
    assert percent == sorted(percent, reverse=True)
    for sequence in range(OFFERED):
        wrong = [crosses(Practice(p, sequence))[0] for p in sorted(cases)]
        assert wrong == sorted(wrong, reverse=True)
        assert wrong[-1] < wrong[0]


def test_the_two_models_are_those_of_all_seeds_whose_losses_are_nearest() -> None:
    state = SameLoss()
    forced, half = (results.find(f"osc/gru/{way}/nll_nats").values for way in ("p0.00", "p0.50"))
    a, b = state.pair
    gaps = [abs(one - other) for one in forced for other in half]
    assert abs(forced[a] - half[b]) == min(gaps) < 0.005
    assert max(crosses(state)) <= 2  # fed the truth, both are nearly right
    derails, stays = crosses(SameLoss(fed=OWN))
    assert derails > STEPS / 2 > 2 * stays
    one, other = state.cases.values()
    assert one.percent(one.free) > 1.3 * other.percent(other.free)


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        (Memory(), ({"works": 5}, {"sequence": 3})),
        (Derailing(), ({"fed": OWN}, {"sequence": 3}, {"fed": TRUTH})),
        (Practice(), ({"sampling_prob": 0.5}, {"sequence": 3})),
        (SameLoss(), ({"fed": OWN}, {"sequence": 3}, {"fed": TRUTH})),
    ],
    ids=lambda given: type(given).__name__ if not isinstance(given, tuple) else "changes",
)
def test_words_and_picture_change_with_every_control(
    state: Memory | Derailing | Practice | SameLoss, changes: tuple[dict[str, object], ...]
) -> None:
    seen = {(state.words(), state.picture())}
    for change in changes:
        for name, value in change.items():
            setattr(state, name, value)
        seen.add((state.words(), state.picture()))
    assert len(seen) == len(changes) + 1


def test_an_average_is_told_only_once_what_it_answers_is_chosen() -> None:
    derailing, same, memory = Derailing(), SameLoss(), Memory()
    for state, averages in (
        (derailing, [derailing.case.percent(derailing.case.free)]),
        (same, [case.percent(case.free) for case in same.cases.values()]),
        (memory, [memory.case.percent(memory.case.forgetful)]),
    ):
        told = [f"{average:.0f} %" for average in averages]
        assert not any(average in state.words() for average in told)
        if isinstance(state, Memory):
            state.works = STEPS - 1
        else:
            state.fed = OWN
        assert all(average in state.words() for average in told)


def test_the_memory_says_the_step_that_its_slider_is_at() -> None:
    assert "works at every step" in Memory().words()
    assert Memory(works=12).words().startswith("Before step 12 the cell works")
    assert Memory(works=0).words().startswith("From step 0 on it forgets")


def test_every_hook_has_its_still_picture_with_words_of_its_own() -> None:
    assert set(hooks.STILLS) == set(hooks.__all__)
    drawn = {draw() for draw in hooks.STILLS.values()}
    assert len(drawn) == len(hooks.STILLS)
    assert all("of 30 levels wrong" in svg for svg in drawn)
