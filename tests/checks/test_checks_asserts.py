"""Assertions say in the reader's words what is wrong, and let right answers pass."""

import numpy as np
import pytest

from course import checks

EXPECTED = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, r"it returned nothing \(None\): is `return` missing"),
        (EXPECTED.tolist(), r"a list came back: make it one with np.array"),
        ("logits", r"a str came back"),
        (EXPECTED.T, r"must be \(2, 3\), got \(3, 2\).*transposed"),
        (EXPECTED[1:], r"got \(1, 3\): every step has a row"),
        (EXPECTED[:, :, None], r"one axis too many"),
        (np.array([[1, 2, np.nan], [4, 5, 6]]), r"row 0 holds a number that is not finite"),
        (np.array([[1, 2, 3], [4, np.inf, 6]]), r"row 1 holds a number that is not finite"),
        (np.add(EXPECTED, [[0], [0.01]]), r"row 1 is the first that differs"),
        (EXPECTED.astype(object), r"holds object values"),
    ],
)
def test_a_wrong_array_is_refused_with_its_reason(answer, said):
    with pytest.raises(AssertionError, match=said):
        checks.assert_agrees(answer, EXPECTED)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, r"value 2 of 2: a dict must be returned, nothing \(None\) came back"),
        ({"b": np.ones(2)}, r"value 2 of 2: the key 'W' is missing"),
        ({"W": EXPECTED, "b": np.ones(2), "c": 1}, r"value 2 of 2: the key 'c' is one too many"),
        ({"W": EXPECTED.T, "b": np.ones(2)}, r"W: the shape must be \(2, 3\)"),
        ({"W": EXPECTED, "b": np.array([1.0, 1.1])}, r"b: element 1 is the first that differs"),
    ],
)
def test_a_wrong_dict_is_refused_with_its_key(answer, said):
    with pytest.raises(AssertionError, match=said):
        checks.assert_agrees((0.5, answer), (0.5, {"W": EXPECTED, "b": np.ones(2)}))


def test_infinity_agrees_with_infinity_alone():
    checks.assert_agrees((0.5, np.inf), (0.5, np.inf))
    for other in (1e300, np.nan, -np.inf):
        with pytest.raises(AssertionError, match="value 2 of 2: the number differs"):
            checks.assert_agrees((0.5, other), (0.5, np.inf))


def test_a_right_dict_agrees_in_any_order():
    checks.assert_agrees({"b": np.ones(2), "W": EXPECTED}, {"W": EXPECTED, "b": np.ones(2)})


def test_cut_off_fractions_are_named():
    with pytest.raises(AssertionError, match=r"fractions were cut off"):
        checks.assert_agrees(np.array([1, 2]), np.array([1.5, 2.5]))


def test_float16_is_not_precise_enough():
    exact = np.linspace(0.1, 3, 12).reshape(4, 3)
    with pytest.raises(AssertionError, match=r"float16 is not precise enough"):
        checks.assert_agrees(exact.astype(np.float16), exact)


def test_a_hidden_test_shows_no_number():
    with pytest.raises(
        AssertionError, match=r"row 0 is the first that differs. Is b_y added"
    ) as info:
        checks.assert_agrees(EXPECTED + 0.5, EXPECTED, "Is b_y added?")
    assert not any(digit in str(info.value) for digit in "123456789")


def test_a_visible_test_shows_the_first_wrong_row():
    with pytest.raises(
        AssertionError, match=r"differs:\nexpected \[4. 5. 6.\]\ngot      \[5. 6. 7.\]$"
    ):
        checks.assert_agrees(np.add(EXPECTED, [[0], [1]]), EXPECTED, show=True)


def test_expected_and_got_stand_below_each_other_number_by_number() -> None:
    with pytest.raises(AssertionError, match="differs") as caught:
        checks.assert_agrees(np.array([[0.9, 1234.5678]]), [[0.9, -12.0]], "Why?", show=True)
    assert str(caught.value).splitlines() == [
        "row 0 differs:",
        "expected [   0.9     -12.    ]",
        "got      [   0.9    1234.5678]",
        "Why?",
    ]
    with pytest.raises(AssertionError, match=r"^the number differs: expected 0\.3, got 0\.7\. Why"):
        checks.assert_agrees(0.7, 0.3, "Why?", show=True)


def test_of_two_values_the_wrong_one_is_named():
    with pytest.raises(AssertionError, match=r"value 2 of 2: element 0 is the first that differs"):
        checks.assert_agrees((EXPECTED[0], EXPECTED[1] + 1), (EXPECTED[0], EXPECTED[1]))
    with pytest.raises(AssertionError, match=r"2 values must be returned.*one array came back"):
        checks.assert_agrees(EXPECTED[0], (EXPECTED[0], EXPECTED[1]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_any_honest_float_dtype_agrees(dtype):
    checks.assert_agrees(EXPECTED.astype(dtype) * dtype(1 + 1e-6), EXPECTED)


def test_numbers_and_tuples_agree():
    checks.assert_agrees(0.25, 0.25)
    checks.assert_agrees(np.float32(0.25), 0.25)
    checks.assert_agrees((EXPECTED, 1.0), (EXPECTED, 1.0))
    checks.assert_agrees(np.zeros((0, 3)), np.zeros((0, 3)))


def refuse(error):
    raise error


def test_an_accepted_argument_is_refused():
    with pytest.raises(
        AssertionError, match=r"must raise ValueError, but raised nothing. So it must"
    ):
        checks.assert_raises(ValueError, lambda: 1, because="So it must")


def test_another_exception_is_not_the_one():
    with pytest.raises(AssertionError, match=r"but raised KeyError: 'lstm'"):
        checks.assert_raises(ValueError, refuse, KeyError("lstm"))


def test_an_empty_answer_does_not_pass_for_one_that_raises():
    with pytest.raises(AssertionError, match=r"is not written yet"):
        checks.assert_raises(ValueError, refuse, NotImplementedError())
    with pytest.raises(AssertionError, match=r"is not written yet"):
        checks.assert_raises(RuntimeError, refuse, NotImplementedError())


def test_a_raised_value_error_passes():
    checks.assert_raises(ValueError, refuse, ValueError("cell_type"))


def test_what_was_changed_is_named():
    params = {"W": np.ones(2), "b": np.zeros(2)}
    for after, said in (
        ({"W": np.ones(2), "b": np.ones(2)}, "array 'b' was changed"),
        ({"W": np.ones(2)}, "key 'b' was removed"),
        ({**params, "h": np.ones(1)}, "key 'h' was added"),
        ({**params, "W": np.ones(2, dtype=np.float32)}, "array 'W' was changed"),
    ):
        with pytest.raises(AssertionError, match=said):
            checks.assert_unchanged(params, after)
    with pytest.raises(AssertionError, match=r"changed in place. Was it h"):
        checks.assert_unchanged(np.ones(2), np.zeros(2), "Was it h?")


def test_what_is_the_same_passes():
    checks.assert_unchanged({"W": np.array([1.0, np.nan])}, {"W": np.array([1.0, np.nan])})


def only(*right):
    def claim(cell_type):
        if cell_type not in right:
            raise AssertionError(f"row 1 differs for {cell_type}")

    return claim


def test_no_cell_type_right_is_an_error_with_all_messages():
    with pytest.raises(AssertionError, match=r"rnn: row 1 differs for rnn\nlstm: row 1 differs"):
        checks.each_cell_type(only(), points=3)


def test_one_message_for_all_is_said_once():
    with pytest.raises(AssertionError, match=r"^rnn, lstm, gru: \w+ is not written yet"):
        checks.each_cell_type(lambda cell_type: refuse(NotImplementedError()), points=3)


def test_a_cell_type_earns_its_share_when_all_its_claims_hold(capsys):
    assert checks.each_cell_type(only("rnn", "gru"), only("rnn", "lstm"), points=3) == 1.0
    assert capsys.readouterr().out.splitlines() == [
        "✓ rnn",
        "✗ lstm: row 1 differs for lstm",
        "✗ gru: row 1 differs for gru",
    ]


def test_all_cell_types_right_earn_all_points():
    score = checks.each_cell_type(only("rnn", "lstm", "gru"), points=0.7)
    assert score == 0.7
    assert type(score) is float


def test_any_exception_is_explained():
    with pytest.raises(AssertionError, match=r"it stopped with ZeroDivisionError: no"):
        checks.each_cell_type(lambda cell_type: refuse(ZeroDivisionError("no")), points=1)


@pytest.mark.parametrize(
    ("answer", "said"), [(None, r"is `return` missing\? Look\.$"), (1.0, r"got 1\. Look\.$")]
)
def test_a_likely_cause_follows_a_whole_sentence_without_another_full_stop(answer, said):
    with pytest.raises(AssertionError, match=said):
        checks.assert_agrees(answer, 2.0, "Look.", show=True)
