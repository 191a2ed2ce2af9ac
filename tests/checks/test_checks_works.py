"""What counts as work: numbers that are made of the arguments, whether or not they are right."""

import itertools

import numpy as np
import pytest

from course import checks


def cell(x_t, h_prev, params):
    return np.tanh(params["W_xh"] @ x_t + params["W_hh"] @ h_prev)


def decoder(context_vector, target_seq, params):
    rows, h = [], context_vector
    for x_t in target_seq:
        h = cell(x_t, h, params)
        rows.append(params["W_hy"] @ h + params["b_y"])
    return np.array(rows)


def arguments_of_cell():
    context_vector, target_seq, params = checks.example("rnn")
    return target_seq[0], context_vector, params


@pytest.mark.parametrize(
    ("idle", "said"),
    [
        (lambda x, h, params: None, r"nothing came back \(None\)"),
        (lambda x, h, params: [], r"nothing came back"),
        (lambda x, h, params: np.zeros(2), r"all numbers of the result are 0"),
        (lambda x, h, params: np.full(2, 0.25), r"all numbers of the result are 0.25"),
        (lambda x, h, params: np.full(2, np.nan), r"not finite"),
        (lambda x, h, params: np.zeros(0), r"no numbers"),
        (lambda x, h, params: "h", r"no numbers"),
        (lambda x, h, params: h, r"the same with another W_xh and W_hh"),
        (lambda x, h, params: params["b_xh"], r"the same with another W_xh and W_hh"),
        (lambda x, h, params: np.random.default_rng().random(2), r"another result the second time"),
        (lambda x, h, params: (np.zeros(2), h), r"are 0\. This claim counts only where"),
        (lambda x, h, params: params, r"an argument came back"),
        (lambda x, h, params: {"W_xh": params["W_xh"]}, r"an argument came back"),
        (lambda x, h, params: {}, r"nothing came back"),
    ],
)
def test_what_is_no_work_is_named(idle, said):
    with pytest.raises(AssertionError, match=said):
        checks.assert_works(idle, *arguments_of_cell())


@pytest.mark.parametrize(
    "half_right",
    [
        cell,
        lambda x, h, params: 2 * cell(x, h, params),
        lambda x, h, params: cell(x, 0 * h, params),
        lambda x, h, params: cell(0 * x, h, params).astype(np.float32),
        lambda x, h, params: cell(x, h, params).tolist(),
        lambda x, h, params: (np.zeros(2), cell(x, h, params)),
        lambda x, h, params: np.array([[0.0, 0.0], cell(x, h, params)]),
        lambda x, h, params: {"h": cell(x, h, params), "params": params},
    ],
)
def test_work_need_not_be_right(half_right):
    checks.assert_works(half_right, *arguments_of_cell())


def test_what_an_idle_function_raises_is_raised():
    def refuse(x_t, h_prev, params):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        checks.assert_works(refuse, *arguments_of_cell())


def test_arguments_are_copies():
    given = arguments_of_cell()

    def greedy(x_t, h_prev, params):
        h = cell(x_t, h_prev, params)
        params.clear()
        x_t[:] = h_prev[:] = 0.0
        return h

    checks.assert_works(greedy, *given)
    for before, after in zip(arguments_of_cell(), given, strict=True):
        checks.assert_unchanged(before, after)


def test_a_row_that_chance_decides_does_not_hide_one_that_works():
    rng = np.random.default_rng()

    def by_chance(context_vector, target_seq, params):
        rows = decoder(context_vector, target_seq, params)
        rows[1:] += rng.random((len(rows) - 1, 1))
        return rows

    checks.assert_works(by_chance, *checks.example("rnn"))


def test_a_decoder_that_goes_on_from_the_last_call_works():
    kept = []

    def goes_on(context_vector, target_seq, params):
        kept.append(cell(target_seq[0], kept[-1] if kept else context_vector, params))
        return decoder(kept[-1], target_seq, params)

    checks.assert_works(goes_on, *checks.example("rnn"))


def test_chance_of_the_right_shape_does_not():
    def chance(context_vector, target_seq, params):
        return np.random.default_rng().random((4, 3))

    with pytest.raises(AssertionError, match="another result the second time"):
        checks.assert_works(chance, *checks.example("rnn"))


def test_chance_that_agrees_with_itself_once_does_not_either():
    asked = itertools.count()

    def chance(context_vector, target_seq, params):
        logits = np.random.default_rng().random((4, 3))
        if next(asked) % 2:
            logits[:, 1] = logits[:, 0]
        return logits

    def one_number(step, k):
        return (0.3, 0.3, 0.7)[next(asked) % 3]

    with pytest.raises(AssertionError, match="another result the second time"):
        checks.assert_works(chance, *checks.example("rnn"))
    asked = itertools.count()
    with pytest.raises(AssertionError, match="another result the second time"):
        checks.assert_works(one_number, 3, 0.9)


def test_chance_among_few_integers_does_not_either():
    asked = itertools.count()

    def of_few(draft):
        return [0], 7 * draft[0] + (next(asked) > 20)

    with pytest.raises(AssertionError, match="another result the second time"):
        checks.assert_works(of_few, [3, 1, 2])
    checks.assert_works(lambda draft: (draft[:1], 7 * draft[0]), [3, 1, 2])


def test_without_weights_each_array_has_to_matter():
    one, other = np.array([[0.3, -1.2], [1.0, 0.5]]), np.array([[0.1, 0.2], [-1.0, 0.5]])
    checks.assert_works(lambda a, b: (a - b).sum(axis=1), one, other)
    with pytest.raises(AssertionError, match="the same with another argument 2"):
        checks.assert_works(lambda a, b: a.sum(axis=1), one, other)


def test_without_arrays_each_number_has_to_matter():
    checks.assert_works(lambda step, schedule, k: k**step, 3, "exponential", 0.9)
    with pytest.raises(AssertionError, match="the same with another argument 1"):
        checks.assert_works(lambda step, schedule, k: k, 3, "exponential", 0.9)


def test_one_list_of_arguments_is_enough_where_any_counts():
    def of_four(step, k):
        if step > 4:
            raise NotImplementedError
        return k / (1 + step)

    checks.assert_any_works(of_four, [(7, 0.5), (3, 0.5)])
    with pytest.raises(AssertionError, match="not written yet"):
        checks.assert_any_works(of_four, [(7, 0.5), (8, 0.5)])


def mean_and_spread(numbers):
    return float(np.mean(numbers)), float(np.std(numbers))


def test_lists_of_numbers_and_of_lists_have_to_matter_too():
    checks.assert_works(mean_and_spread, [0.4, 0.3, 0.7])
    checks.assert_works(lambda rows: np.array([len(row) for row in rows]), [[1, 2], [3]])
    with pytest.raises(AssertionError, match="the same with another argument 1"):
        checks.assert_works(lambda numbers: 0.5, [0.4, 0.3, 0.7])


@pytest.mark.parametrize("idle", [list, lambda rows: rows[0], lambda rows: [rows[0][0]]])
def test_what_comes_back_out_of_a_list_is_no_work(idle):
    with pytest.raises(AssertionError, match="an argument came back"):
        checks.assert_works(idle, [[1, 2], [3]])


def test_parameters_without_weights_of_a_cell_are_no_cells():
    with pytest.raises(AssertionError, match="are 0"):
        checks.assert_works(lambda params: np.zeros(2), {"w": np.ones(2)})
