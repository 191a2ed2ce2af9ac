"""Of training steps, intervals, gradient checks and losses is told by which formula they come."""

import numpy as np
import pytest
from way_back import way_back

from course.checks.dashboard.checking import examine
from course.checks.known.diagnosis import diagnose
from course.lessons import course_root, find_lessons, solution_namespace

(LESSON,) = (one for one in find_lessons(course_root() / "source") if one.name == "training")
RIGHT = solution_namespace(LESSON)
STEP, PAIRED, CHECK = "training_step", "paired_interval", "gradient_check"
LOSS, BACK = "cross_entropy_and_gradient", "rnn_decoder_backward"


def said_of(function, name):
    return " ".join(one.sentence for one in diagnose(function, name, LESSON.id))


def step_with(compared=None, length=1.0, turned=False):
    """Return a training step that compares, goes and feeds otherwise."""

    def step(params, context_vector, tokens, sampling_prob, learning_rate, rng=None):
        tokens = np.asarray(tokens, dtype=int)
        p = 1 - sampling_prob if turned else sampling_prob
        target_seq = np.eye(len(params["b_y"]))[tokens]
        logits, fed = RIGHT["run_decoder"](context_vector, target_seq, params, p, rng)
        heard = compared(tokens, fed, logits) if compared and len(tokens) else tokens
        loss, d_logits = RIGHT[LOSS](logits, heard)
        gradients, _ = RIGHT[BACK](context_vector, fed, params, d_logits)
        far = learning_rate * (length(tokens, learning_rate) if callable(length) else length)
        return {key: params[key] - far * gradients[key] for key in params}, loss

    return step


COMPARED = [
    (lambda tokens, fed, logits: fed.argmax(axis=1), "with the inputs that were fed"),
    (lambda tokens, fed, logits: np.roll(tokens, 1), r"with tokens[t-1]"),
]
LENGTHS = [
    (lambda tokens, rate: len(tokens), "they are T times as long as is due"),
    (lambda tokens, rate: rate, "multiplied by learning_rate twice"),
    (-1.0, "the gradient is added, and to be subtracted"),
    (0.3, "they are 0.3 times as long as is due"),
    (-2.0, "to be subtracted, and they are 2 times as long"),
]


@pytest.mark.parametrize(("compared", "with_what"), COMPARED)
@pytest.mark.parametrize(("length", "how_far"), LENGTHS)
def test_a_step_is_told_by_what_it_compares_and_how_far_it_goes(
    compared, with_what, length, how_far
):
    said = said_of(step_with(compared, length), STEP)
    assert with_what in said
    assert how_far in said


@pytest.mark.parametrize(("length", "how_far"), LENGTHS)
def test_a_step_of_other_inputs_and_another_length_is_told_by_both(length, how_far):
    said = said_of(step_with(length=length, turned=True), STEP)
    assert "at sampling_prob = 0 the model's own tokens are fed, and the truth is due" in said
    assert how_far in said


@pytest.mark.parametrize("length", [0.0, lambda tokens, rate: np.random.default_rng().random()])
def test_of_steps_that_go_nowhere_or_by_chance_no_length_is_told(length):
    assert "The steps show" not in said_of(step_with(COMPARED[0][0], length), STEP)


def interval_with(sign=1, less=1, ddof=1, root=1.0, times=1.0, power=1.0, both=False):
    def interval(a, b):
        if len(a) != len(b) or not len(a):
            raise ValueError("unpaired")
        d = sign * np.subtract(b, a)
        if len(d) == 1:
            return float(d[0]), np.inf
        n = len(d)
        spread = np.std(d, ddof=ddof) ** power
        t = RIGHT["t_quantile"](2 * n - 2 if both else n - less)
        return float(d.mean()), float(times * t * spread / (n - 1 if root < 0 else n) ** abs(root))

    return interval


OF_ONE = {
    "n degrees of freedom": {"less": 0},
    "2 * n - 2 degrees": {"both": True},
    "a factor of 2": {"times": 2.0},
    "is the mean of a - b": {"sign": -1},
}
OF_ANOTHER = {
    "divides by n, and n - 1": {"ddof": 0},
    "the variance stands": {"power": 2.0},
    "sqrt(n - 1) stands": {"root": -0.5},
    "n stands where its square root": {"root": 1.0},
}


@pytest.mark.parametrize("one", OF_ONE)
@pytest.mark.parametrize("other", OF_ANOTHER)
def test_two_slips_of_an_interval_are_told_as_two(one, other):
    said = said_of(interval_with(**{"root": 0.5} | OF_ONE[one] | OF_ANOTHER[other]), PAIRED)
    assert one in said
    assert other in said


def test_two_slips_of_an_interval_that_undo_each_other_are_none():
    assert said_of(interval_with(ddof=0, root=-0.5), PAIRED) == ""


def test_a_right_interval_is_told_nothing():
    assert said_of(interval_with(root=0.5), PAIRED) == ""


def check_with(points, divisor, keeps=False):
    """Return a gradient check that asks at two points, in steps from a number."""

    def check(loss, params, gradients, step=1e-5):
        errors = {}
        for key, array in params.items():
            moved, numeric = np.array(array), np.zeros(array.shape)
            for place in np.ndindex(array.shape):
                came = []
                for by in points:
                    moved[place] = array[place] + by * step
                    came.append(loss(params | {key: moved}))
                numeric[place] = (came[0] - came[1]) / divisor(step)
                if not keeps:
                    moved[place] = array[place]
            size = np.linalg.norm(numeric) + np.linalg.norm(gradients[key])
            apart = np.linalg.norm(numeric - gradients[key])
            errors[key] = float(apart / size) if size else 0.0
        return errors

    return check


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (check_with((1, 0), lambda step: 2 * step), "asked for at p + step and at p, and"),
        (check_with((0, -1), lambda step: 2 * step), "asked for at p - step and at p, and"),
        (check_with((0, -1), lambda step: step), "at p and at p - step, and p + step is due"),
        (check_with((1, -1), lambda step: 2e-5), "divided by 2e-05 whatever"),
        (check_with((1, -1), lambda step: 0.02), "divided by 0.02 whatever"),
        (check_with((1, -1), lambda step: 2 * step, True), "still moved"),
    ],
)
def test_a_gradient_check_is_told_by_the_points_at_which_it_asks(check, said):
    assert said in said_of(check, CHECK)


def test_a_right_gradient_check_is_told_nothing():
    assert said_of(check_with((1, -1), lambda step: 2 * step), CHECK) == ""


def loss_of(of_losses=np.mean, of_rows=None, at_true=None):
    def loss(logits, tokens, mask=None):
        right, d_logits = RIGHT[LOSS](logits, tokens, mask)
        counted = np.flatnonzero(np.ones(len(logits)) if mask is None else mask)
        if not counted.size:
            return right, d_logits
        rows, true = logits[counted], np.asarray(tokens)[counted]
        losses = np.logaddexp.reduce(rows, axis=1) - rows[np.arange(counted.size), true]
        if of_rows:
            d_logits[counted] = (of_rows(rows) - np.eye(rows.shape[1])[true]) / counted.size
        if at_true:
            d_logits[counted, true] = at_true(d_logits[counted, true])
        return float(of_losses(losses)), d_logits

    return loss


def test_a_1_that_is_taken_off_at_another_token_is_told_with_the_row():
    def loss(logits, tokens, mask=None):
        value, d_logits = RIGHT[LOSS](logits, tokens, mask)
        for t in np.flatnonzero(d_logits.any(axis=1)):
            d_logits[t, tokens[t]] += 1 / np.count_nonzero(d_logits.any(axis=1))
            d_logits[t, tokens[t] - 1] -= 1 / np.count_nonzero(d_logits.any(axis=1))
        return value, d_logits

    assert "In row 0 of d_logits the 1 is taken off at token" in said_of(loss, LOSS)


def test_a_number_that_each_step_adds_is_told():
    def backward(context_vector, fed, decoder_params, d_logits):
        found, d_context = RIGHT[BACK](context_vector, fed, decoder_params, d_logits)
        return found | {"b_y": found["b_y"] + 0.01 * len(fed)}, d_context

    assert "b_y, 0.01 too large everywhere, once for each step" in said_of(backward, BACK)


def test_a_loss_of_few_digits_is_told():
    def loss(logits, tokens, mask=None):
        return RIGHT[LOSS](logits.astype(np.float16), tokens, mask)

    found = examine(loss, LOSS).failure
    assert "right to two or three digits and no further" in found.cause


def _softmax(rows):
    return np.exp(rows - np.logaddexp.reduce(rows, axis=1)[:, None])


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (loss_of(np.median), "the median of the losses"),
        (loss_of(np.max), "the largest of the losses"),
        (loss_of(lambda losses: losses[-1]), "the last of the losses"),
        (
            loss_of(lambda losses: losses[-1] / len(losses)),
            "the last, divided by the number of steps",
        ),
        (loss_of(of_rows=lambda rows: _softmax(0.5 * rows)), "softmax of 0.5 times the logits"),
        (loss_of(of_rows=lambda rows: _softmax(np.log(2) * rows)), "of 0.6931 times the logits"),
        (loss_of(of_rows=lambda rows: 1 / (1 + np.exp(-rows))), "sigmoid"),
        (loss_of(at_true=lambda d: -d), "and yours is 1 - p"),
        (loss_of(at_true=lambda d: 2 * d), "right but at the true token"),
    ],
)
def test_a_loss_is_told_by_what_it_is_made_of(loss, said):
    assert said in said_of(loss, LOSS)


def test_tokens_that_are_not_those_of_their_rows_are_told():
    def loss(logits, tokens, mask=None):
        counted = np.flatnonzero(np.ones(len(logits)) if mask is None else mask)
        value, grown = RIGHT[LOSS](logits[counted], np.asarray(tokens)[: counted.size])
        d_logits = np.zeros(logits.shape)
        d_logits[counted] = grown
        return value, d_logits

    found = examine(loss, LOSS).failure
    assert "With another token at position 1, whose mask is 0, the loss changes" in found.cause


@pytest.mark.parametrize("factor", [0.9, 0.5, -1.0, 1.5])
def test_a_factor_from_step_to_step_is_told_with_its_size(factor):
    assert f"hands back {factor:.4g} times what is due" in said_of(
        way_back(handed=lambda W, d_a: factor * (W.T @ d_a)), BACK
    )


def test_a_right_way_back_is_told_nothing():
    assert said_of(way_back(), BACK) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda array: array.round(2), "rounded to 2 decimals"),
        (lambda array: array.round(4), "rounded to 4 decimals"),
        (lambda array: array.astype(np.float16), "right to two or three digits"),
        (lambda array: array + 0.01, "0.01 too large everywhere"),
        (lambda array: array - 0.5, "0.5 too small everywhere"),
    ],
)
def test_gradients_that_are_rounded_or_moved_are_told(change, said):
    assert said in said_of(way_back(made=change), BACK)


def test_arguments_that_are_changed_are_told_where_numbers_are_wrong_for_it():
    def backward(context_vector, fed, decoder_params, d_logits):
        found, d_context = RIGHT[BACK](context_vector, fed, decoder_params, d_logits)
        for key, array in decoder_params.items():
            array += found[key]
        return dict(decoder_params), d_context

    assert (
        "decoder_params is not what it was after the call" in examine(backward, BACK).failure.cause
    )


def test_a_stop_in_one_call_is_explained_where_others_give_wrong_numbers():
    def backward(context_vector, fed, decoder_params, d_logits):
        found, d_context = RIGHT[BACK](context_vector, fed[1:], decoder_params, d_logits[1:])
        for t in range(1, len(fed)):
            last = t
        return found | {"x_start": found["x_start"] * last}, d_context

    found = examine(backward, BACK).failure
    assert "UnboundLocalError" in found.finding
    assert "a loop that takes no step here" in found.cause
