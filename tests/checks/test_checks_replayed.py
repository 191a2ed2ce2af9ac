"""A formula is told where it gives the numbers that came, and nothing is where none does."""

import numpy as np
import pytest
from way_back import way_back

from course.checks.known.diagnosis import diagnose
from course.lessons import course_root, find_lessons, solution_namespace

(LESSON,) = (one for one in find_lessons(course_root() / "source") if one.name == "training")
RIGHT = solution_namespace(LESSON)
STEP, PAIRED, CHECK = "training_step", "paired_interval", "gradient_check"
LOSS, BACK, BATCH = "cross_entropy_and_gradient", "rnn_decoder_backward", "batch_of_sequences"


def said_of(function, name):
    return " ".join(one.sentence for one in diagnose(function, name, LESSON.id))


BACKWARDS = [
    (
        {"x_start": lambda d_a, d_h, h, fed, d, p: p["W_xh"].T @ d_h[0]},
        "in x_start, d_h stands where d_a is due",
    ),
    (
        {"W_xh": lambda d_a, d_h, h, fed, d, p: d_a.T @ np.roll(fed, -1, 0)},
        "in W_xh, fed[t+1] stands where fed[t] is due",
    ),
    (
        {
            "b_hh": lambda d_a, d_h, h, fed, d, p: d_a[0],
            "W_hy": lambda d_a, d_h, h, fed, d, p: d.T @ h[:-1],
        },
        "in b_hh, step 0 alone counts, as where `=` stands for `+=`: add up d_a; in W_hy, h[t]",
    ),
    ({"slope": lambda new, old: (1 - new) ** 2}, "the slope of tanh is (1 - h)**2"),
    ({"total": lambda own, after, T: (own + after) / T}, "d_h is divided by T at each step"),
    (
        {"slope": lambda new, old: 1 - new, "handed": lambda W, d_a: W @ d_a},
        "the slope of tanh is 1 - h, and 1 - h**2 is due; W_hh @ d_a is handed back",
    ),
    (
        {"slope": lambda new, old: new**2, "W_hh": lambda d_a, d_h, h, fed, d, p: d_a.T @ h[1:]},
        "the slope of tanh is h**2, and 1 - h**2 is due; in W_hh, h[t+1] stands",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("slips", "said"), BACKWARDS)
def test_a_way_back_is_told_by_the_lines_that_give_its_gradients(slips, said):
    assert said in said_of(way_back(**slips), BACK)


def test_a_way_back_is_told_by_the_steps_that_it_takes():
    def without_the_last(context_vector, fed, decoder_params, d_logits):
        d_logits = d_logits.copy()
        d_logits[-1:] = 0
        return RIGHT[BACK](context_vector, fed, decoder_params, d_logits)

    assert "the last step is left out" in said_of(without_the_last, BACK)

    def with_other_logits(context_vector, fed, decoder_params, d_logits):
        args = context_vector, fed, decoder_params
        found, d_context = RIGHT[BACK](*args, np.roll(d_logits, 1, axis=0))
        right, _ = RIGHT[BACK](*args, d_logits)
        return found | {key: right[key] for key in ("W_hy", "b_y")}, d_context

    said = said_of(with_other_logits, BACK)
    assert "W_hy.T @ d_logits[t-1] stands where W_hy.T @ d_logits[t] is due" in said


def test_a_way_back_that_no_line_explains_is_told_by_none():
    odd = way_back(slope=lambda new, old: 1 - 0.7 * new**2 + 0.1 * old)
    assert said_of(odd, BACK) == ""
    assert said_of(way_back(), BACK) == ""


def check_by(error, at=(1, -1), divisor=2, keys=None):
    def check(loss, params, gradients, step=1e-5):
        errors = {}
        for key, array in params.items():
            moved, numeric = np.array(array), np.zeros(array.shape)
            for place in np.ndindex(array.shape):
                came = []
                for by in at:
                    moved[place] = array[place] + by * step
                    came.append(loss(params | {key: moved}))
                numeric[place] = (came[0] - came[1]) / (divisor * step)
                moved[place] = array[place]
            errors[key] = float(error(numeric, np.asarray(gradients[key])))
        return keys(errors) if keys else errors

    return check


def relative(numeric, analytic, apart=np.linalg.norm, size=np.linalg.norm, more=0.0):
    below = size(numeric) + size(analytic) + more
    return apart(numeric - analytic) / below if below else 0.0


def relative_size(numeric, analytic):
    return np.linalg.norm(numeric) + np.linalg.norm(analytic)


def by_number(numeric, analytic):
    below = np.abs(numeric) + np.abs(analytic)
    return (np.abs(numeric - analytic) / np.where(below > 0, below, 1)).max(initial=0.0)


def sum_of_sizes(array):
    return np.abs(array).sum()


CHECKS = [
    (check_by(by_number), "an error is made of each number by itself, and the largest of them"),
    (
        check_by(lambda n, g: relative(n, g, sum_of_sizes, sum_of_sizes)),
        "the sum of sizes, sum |x|, is taken, and the Euclidean norm is due",
    ),
    (
        check_by(lambda n, g: np.linalg.norm(n - g), (1, 0), 1),
        "at p + step and at p, and p - step is due for the second; it is not divided by anything",
    ),
    (
        check_by(relative, keys=lambda some: dict.fromkeys(some, np.mean([*some.values()]))),
        "each key has the mean of all keys' errors",
    ),
    (check_by(lambda n, g: relative(n, g) ** 2), "the right error is squared"),
    (check_by(lambda n, g: relative(n, g) / n.size**0.5), "the root of the mean square is taken"),
    (
        check_by(lambda n, g: np.linalg.norm(n - g) / max(relative_size(n, g), 1)),
        "where the sum of both norms is below 1 it is divided by 1",
    ),
    (
        check_by(
            lambda n, g: np.linalg.norm(n - g) / max(np.abs(n).mean() + np.abs(g).mean(), 1e-9)
        ),
        "it is divided by the mean sizes of both",
    ),
    (
        check_by(relative, keys=lambda some: dict.fromkeys(some, max(some.values()))),
        "each key has the largest of all keys' errors",
    ),
    (check_by(lambda n, g: relative(np.abs(n), g)), "the size of the difference is taken"),
    (check_by(relative, divisor=3), "the slope is 0.6667 times what is due"),
    (check_by(lambda n, g: relative(n, g, more=0.01)), "0.01 is added to the sum of both norms"),
]


@pytest.mark.parametrize(("check", "said"), CHECKS)
def test_a_gradient_check_is_told_by_its_norms(check, said):
    assert said in said_of(check, CHECK)


def test_of_a_gradient_check_with_another_power_no_norm_is_told():
    said = said_of(check_by(lambda n, g: relative(n, g) ** 1.3), CHECK)
    assert "The errors show" not in said


def step_by(rule=None, handed_in=None, sign=-1.0, decay=0.0, still=()):
    def step(params, context_vector, tokens, sampling_prob, learning_rate, rng=None):
        tokens = np.asarray(tokens, dtype=int)
        target_seq = np.eye(len(params["b_y"]))[tokens]
        logits, fed = RIGHT["run_decoder"](context_vector, target_seq, params, sampling_prob, rng)
        loss, d_logits = RIGHT[LOSS](logits, tokens)
        back = handed_in(fed, target_seq) if handed_in else fed
        gradients, _ = RIGHT[BACK](context_vector, back, params, d_logits)
        new = {}
        for key, array in params.items():
            move = gradients[key] if rule is None else rule(gradients[key], gradients)
            new[key] = array + sign * learning_rate * (move * (key not in still) - decay * array)
        return new, loss

    return step


def norm_at_most(gradient, whole, most=0.05):
    norm = np.linalg.norm(np.concatenate([np.ravel(one) for one in whole]))
    return gradient * min(1.0, most / norm) if norm else gradient


RULES = [
    ({"rule": lambda g, all_of_them: np.sign(g)}, "by the sign of its gradient alone"),
    ({"rule": lambda g, all_of_them: np.clip(g, -0.02, 0.02)}, "cut to a size of 0.02 at most"),
    ({"rule": lambda g, all_of_them: norm_at_most(g, [g])}, "gradient is cut to a norm of 0.05"),
    (
        {"rule": lambda g, all_of_them: norm_at_most(g, all_of_them.values())},
        "the norm of all gradients together is cut to 0.05 at most",
    ),
    ({"decay": -0.01}, "0.01 times each parameter is subtracted besides"),
    ({"still": ("b_hh", "b_y")}, "b_hh and b_y stay as before, and all others are moved rightly"),
    (
        {"sign": 1.0, "handed_in": lambda fed, truth: truth},
        "gets the targets, which are not shifted, and the inputs that were fed are due; and the "
        "gradient is added",
    ),
]


@pytest.mark.parametrize(("slips", "said"), RULES)
def test_a_step_is_told_by_the_rule_that_moves_each_array(slips, said):
    assert said in said_of(step_by(**slips), STEP)


def test_a_loss_that_is_another_is_told_where_the_parameters_are_right():
    def turned(params, context_vector, tokens, sampling_prob, learning_rate, rng=None):
        new, loss = step_by()(params, context_vector, tokens, sampling_prob, learning_rate, rng)
        return new, -loss

    said = said_of(turned, STEP)
    assert "The new parameters are right, and the loss is -1 times what is due" in said
    assert "rnn_decoder_backward" not in said


def test_of_a_right_step_and_of_one_by_no_rule_none_is_told():
    assert said_of(step_by(), STEP) == ""
    odd = step_by(lambda g, all_of_them: np.sign(g) * np.abs(g) ** 0.7)
    assert "The steps show" not in said_of(odd, STEP)


def rows_by(kept=None, before=0, fed=None, counted=None):
    """Return a batch that keeps, pads, shifts or counts otherwise."""

    def batch(sequences, end, length):
        if length < 1:
            raise ValueError("length")
        inputs, targets, mask = RIGHT[BATCH]([kept(one, length) if kept else one for one in
                                              sequences], end, length)  # fmt: skip
        if before:
            for n, one in enumerate(sequences):
                free = max(length - len(one) - 1, 0)
                targets[n], mask[n] = np.roll(targets[n], free), np.roll(mask[n], free)
            inputs = np.concatenate([0 * targets[:, :1] - 1, targets[:, :-1]], axis=1)
        inputs = fed(targets, end) if fed else inputs
        return inputs, targets, counted(mask, targets) if counted else mask

    return batch


def to_the_left(targets, end):
    return np.concatenate([targets[:, 1:], np.full((len(targets), 1), end)], axis=1)


BATCHES = [
    ({"fed": to_the_left}, "in inputs, they are the targets shifted to the left"),
    ({"before": 1}, "in targets, padding stands before the tokens"),
    ({"kept": lambda one, length: one[-length:]}, "the last tokens are kept, and the first are"),
    (
        {
            "counted": lambda mask, targets: (
                0 * mask + (np.arange(mask.shape[1]) < mask.shape[1] - 1)
            )
        },
        "in mask, it is 1 throughout but for the last position",
    ),
    ({"kept": lambda one, length: [*dict.fromkeys(one)]}, "comes again in a sequence is left out"),
    (
        {"fed": to_the_left, "kept": lambda one, length: one[::-1]},
        "sequences are turned round, the last token first; in inputs, they are the targets",
    ),
]


@pytest.mark.parametrize(("slips", "said"), BATCHES)
def test_a_batch_is_told_by_the_rule_that_fills_its_rows(slips, said):
    assert said in said_of(rows_by(**slips), BATCH)


def test_of_a_right_batch_and_of_one_by_no_rule_none_is_told():
    assert said_of(rows_by(), BATCH) == ""
    odd = rows_by(kept=lambda one, length: [token + 1 for token in one])
    assert "The rows show" not in said_of(odd, BATCH)


def interval_of(centre, times=1.0):
    def interval(a, b):
        if len(a) != len(b) or not len(a):
            raise ValueError("unpaired")
        a, b = np.array(a, dtype=float), np.array(b, dtype=float)
        if len(a) == 1:
            return float(b[0] - a[0]), np.inf
        half = RIGHT[PAIRED](list(a), list(b))[1]
        return float(centre(a, b)), float(times * half)

    return interval


@pytest.mark.parametrize(
    ("centre", "said"),
    [
        (lambda a, b: np.median(b - a), "The first value is the median of the differences, and"),
        (lambda a, b: np.abs(b - a).mean(), "The first value is the mean of their sizes"),
        (lambda a, b: b.mean() / a.mean() - 1, "The first value is the difference as a share of a"),
        (lambda a, b: (b - a).sum(), "The first value is the sum of the differences"),
    ],
)
def test_an_interval_is_told_by_what_stands_for_the_mean(centre, said):
    assert said in said_of(interval_of(centre), PAIRED)
    both = said_of(interval_of(centre, 2.0), PAIRED)
    assert said in both
    assert "a factor of 2 makes the whole width" in both


def loss_by(change):
    def loss(logits, tokens, mask=None):
        value, d_logits = RIGHT[LOSS](logits, tokens, mask)
        counted = np.flatnonzero(np.ones(len(logits)) if mask is None else mask)
        return change(value, d_logits, logits[counted], np.asarray(tokens)[counted], counted)

    return loss


def smooth(value, d_logits, rows, tokens, counted):
    if len(rows):
        log_p = rows - np.logaddexp.reduce(rows, axis=1)[:, None]
        value = 0.8 * value - 0.2 * log_p.mean()
    return value, d_logits


def smooth_gradient(value, d_logits, rows, tokens, counted):
    n, O = max(len(rows), 1), d_logits.shape[1]
    d_logits[counted] -= 0.2 / O / n
    d_logits[counted, tokens] += 0.2 / n
    return value, d_logits


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (smooth, "0.8 times -log p(true token) plus 0.2 times the mean of -log p of all tokens"),
        (
            lambda value, d, rows, tokens, counted: (np.exp(value) if len(rows) else 0.0, d),
            "what is returned as the loss is exp(loss), the perplexity",
        ),
        (
            lambda value, d, rows, tokens, counted: (value / np.log(d.shape[1]), d),
            "the loss is divided by log(5), the loss of an even guess",
        ),
        (smooth_gradient, "off each other one, as label smoothing does"),
        (
            lambda value, d, rows, tokens, counted: (value, -max(len(rows), 1) * d),
            "Wrong: d_logits, of the wrong sign, and as many times too large as there are steps",
        ),
        (
            lambda value, d, rows, tokens, counted: (value / np.log(2), d / np.log(2)),
            "1.443 times what is right, which is 1 / log(2): in bits",
        ),
    ],
)
def test_a_loss_is_told_by_what_is_added_to_it_and_by_its_factor(change, said):
    assert said in said_of(loss_by(change), LOSS)
