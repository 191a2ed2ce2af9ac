"""What no known mistake explains is told from what can be measured, and never as something else."""

import numpy as np
import pytest
import wrong_answers
from answers import STEPS, decoder_forward_teacher_forcing, roll_out
from unseen.styles import SOURCES

from course.checks.known.diagnosis import diagnose
from course.checks.known.features import memory, value
from course.checks.known.lessons import FOLDER, table
from course.checks.known.probes import probes_of

FORCED = "decoder_forward_teacher_forcing"


def changed(change):
    """Return teacher forcing whose result is changed."""

    def decoder(context_vector, target_seq, decoder_params, cell_type="rnn"):
        return change(
            decoder_forward_teacher_forcing(context_vector, target_seq, decoder_params, cell_type)
        )

    return decoder


def names(function, exercise=FORCED):
    return [one.name for one in diagnose(function, exercise)]


def test_a_factor_is_told_with_its_size():
    (found,) = diagnose(changed(lambda y: 2.5 * y), FORCED)
    assert (found.name, found.where) == ("scales_the_result", ())
    assert "times 2.5" in found.sentence


@pytest.mark.parametrize(
    "result", [lambda y: np.nan * y, lambda y: 0 * y, lambda y: 0 * y + 1, lambda y: 0 * y + y.size]
)
def test_a_constant_and_nan_are_not_told_as_kept_between_calls(result):
    found = diagnose(changed(result), FORCED)
    assert [one.name for one in found] in (
        ["gives_no_numbers"],
        ["gives_the_same_whatever_it_is_given"],
    )


def test_a_generator_is_told_as_one_and_as_nothing_else():
    def decoder(context_vector, target_seq, decoder_params, cell_type="rnn"):
        yield decoder_forward_teacher_forcing(context_vector, target_seq, decoder_params, cell_type)

    assert names(decoder) == ["returns_a_generator"]


def test_arguments_in_another_order_are_told_by_the_signature():
    def decoder(target_seq, context_vector, decoder_params, cell_type="rnn"):
        return decoder_forward_teacher_forcing(
            context_vector, target_seq, decoder_params, cell_type
        )

    assert names(decoder) == ["takes_its_arguments_in_another_order"]


def test_a_batch_that_is_expected_is_told_with_the_line():
    def decoder(context_vector, target_seq, decoder_params, cell_type="rnn"):
        batch, steps, size = target_seq.shape
        return np.zeros((batch, steps, size))

    found = diagnose(decoder, FORCED)
    assert found[0].name == "unpacks_another_number_of_values"
    assert "batch, steps, size = target_seq.shape" in found[0].sentence


def test_a_stub_for_one_cell_is_told_for_that_cell_alone():
    def decoder(context_vector, target_seq, decoder_params, cell_type="rnn"):
        if cell_type == "gru":
            return None
        return decoder_forward_teacher_forcing(
            context_vector, target_seq, decoder_params, cell_type
        )

    (found,) = diagnose(decoder, FORCED)
    assert found.name == "returns_nothing"
    assert found.aspects == {"gru/values"}


def test_an_exception_of_another_cause_is_not_taken_for_a_known_one():
    """Whatever raised a ValueError for LSTM and GRU was told to ignore cell_type."""

    def decoder(context_vector, target_seq, decoder_params, cell_type="rnn"):
        if cell_type in ("lstm", "gru"):
            np.zeros(3) + np.zeros(4)
        return decoder_forward_teacher_forcing(
            context_vector, target_seq, decoder_params, cell_type
        )

    (found,) = diagnose(decoder, FORCED)
    assert (found.name, found.where) == ("combines_what_does_not_fit", ())
    assert "np.zeros(3) + np.zeros(4)" in found.sentence


def test_noise_is_told_as_chance_and_state_as_state():
    kept = {}

    def remembers(context_vector, target_seq, decoder_params, cell_type="rnn"):
        key = (cell_type, len(context_vector), len(target_seq))
        start = context_vector + 0.3 * kept.get(key, 0)
        logits = decoder_forward_teacher_forcing(start, target_seq, decoder_params, cell_type)
        kept[key] = np.array(context_vector)
        return logits

    arguments = next(p for p in probes_of(FORCED) if p.aspect == "forgets").arguments
    noisy = changed(lambda y: y + np.random.default_rng().normal(size=y.shape))
    assert memory(noisy, arguments).kind == "never the same"
    assert memory(remembers, arguments).kind == "remembers"
    assert names(noisy) == ["gives_another_result_each_time"]


def test_rows_of_the_target_that_a_row_sees_are_told():
    def sees_itself(context_vector, target_seq, decoder_params, cell_type="rnn"):
        def choose(t, _):
            return 0.7 * target_seq[t] + 0.3 * target_seq[t - 1]

        return roll_out(context_vector, len(target_seq), decoder_params, cell_type, choose)

    (found,) = diagnose(sees_itself, FORCED)
    assert found.name == "sees_the_future"
    assert "Row 1 changes with target_seq[1]" in found.sentence


def test_a_wrong_cell_is_told_beside_another_mistake_where_row_0_shows_it():
    def both(context_vector, target_seq, decoder_params, cell_type="rnn"):
        swapped = {**decoder_params}
        if cell_type == "gru":
            H = len(context_vector)
            order = np.r_[H : 2 * H, :H, 2 * H : 3 * H]  # z, r, n
            for key in ("W_xh", "W_hh", "b_xh", "b_hh"):
                swapped[key] = decoder_params[key][order]
        return roll_out(
            context_vector, len(target_seq), swapped, cell_type, lambda t, _: 0.5 * target_seq[t]
        )

    found = {one.name: one for one in diagnose(both, FORCED)}
    assert "gru_gate_order_zrn" in found
    assert "row 0 already" in found["gru_gate_order_zrn"].sentence


def test_a_name_is_the_same_each_time():
    functions = [changed(lambda y: y[::-1]), changed(np.tanh), changed(lambda y: y.sum())]
    for function in functions:
        assert len({tuple(names(function)) for _ in range(3)}) == 1


def test_nothing_that_a_function_writes_into_its_arguments_lasts():
    for exercise in table("probes", "PROBES"):
        for probe in probes_of(exercise):
            arrays = [_arrays(probe.arguments()) for _ in range(2)]
            for one, other in zip(*arrays, strict=True):
                assert not np.shares_memory(one, other), probe.key


def _arrays(arguments):
    found = []
    for argument in arguments:
        if isinstance(argument, dict):
            found += argument.values()
        elif isinstance(argument, np.ndarray):
            found.append(argument)
    return found


def test_what_cannot_be_copied_is_described_by_its_kind():
    assert value(lambda: (row for row in ()), tuple).kind == "generator"


def test_golden_files_stay_small():
    assert all(path.stat().st_size < 2_000_000 for path in FOLDER.glob("*/golden.*"))


@pytest.mark.parametrize("cell", STEPS)
def test_a_cells_function_in_place_of_its_decoder_is_told_by_the_exception(cell):
    def decoder(context_vector, target_seq, decoder_params, cell_type="rnn"):
        step = STEPS[cell]
        return step(target_seq[0], context_vector)

    assert "has_other_arguments" in names(decoder)


def test_what_a_learners_code_says_is_told_in_one_short_line():
    def decoder(context_vector, target_seq, decoder_params, cell_type="rnn"):
        raise RuntimeError("many\nlines " + 500 * "and more ")

    (found,) = [one for one in diagnose(decoder, FORCED) if "lstm/values" in one.aspects]
    assert "\n" not in found.sentence
    assert len(found.sentence) < 700


@pytest.mark.parametrize(
    ("function", "line", "told"),
    [
        ("lstm_cell_step", "i_g = sig(v[0:H])", "input_gate_i"),
        ("lstm_cell_step", "f_g = sig(v[H:2 * H])", "forget_gate_f"),
        ("lstm_cell_step", "g_g = np.tanh(v[2 * H:3 * H])", "candidate_g"),
        ("lstm_cell_step", "o_g = sig(v[3 * H:4 * H])", "shows_the_cell_state_wrongly"),
        ("gru_cell_step", "r = sig(from_x[:H] + from_h[:H])", "reset_gate_r"),
        ("gru_cell_step", "z = sig(from_x[H:2 * H] + from_h[H:2 * H])", "update_gate_z"),
        (FORCED, "g_g = np.tanh(v[2 * H:3 * H])", "candidate_g"),
        (FORCED, "z = sig(from_x[H:2 * H] + from_h[H:2 * H])", "update_gate_z"),
    ],
)
def test_a_gate_that_is_wrong_in_no_known_way_is_told_by_its_name(function, line, told):
    source = SOURCES[function]
    assert source.count(line) == 1
    namespace = {}
    left, _, gate = line.rpartition("= ")
    exec(source.replace(line, f"{left}= 0.03 + 0.83 * {gate}"), namespace)
    found = names(namespace[function], function)
    assert any(name.endswith(told) for name in found), found


@pytest.mark.parametrize(
    ("coins", "first"),
    [
        (wrong_answers.inverted_coin, lambda context: 0 * context),
        (wrong_answers.always_own, lambda context: 0 * context),
        (wrong_answers.never_own, np.ones_like),
    ],
)
def test_row_0_which_no_coin_reaches_is_told_by_what_it_hears(coins, first):
    def decoder(context_vector, target_seq, decoder_params, sampling_prob, cell_type="rnn"):
        start = first(context_vector)
        return coins(start, target_seq, decoder_params, sampling_prob, cell_type)

    found = diagnose(decoder, "decoder_forward_scheduled_sampling")
    of_values = [one for one in found if "rnn/values" in one.aspects]
    assert ["context_vector" in one.sentence for one in of_values] == [True]
