"""Of losses, gradients and steps of a lesson's last functions is told which formula gives them."""

import numpy as np
import pytest
from way_back import way_back

from course.checks.known.diagnosis import diagnose
from course.lessons import course_root, find_lessons, solution_namespace

LESSONS = {one.name: one for one in find_lessons(course_root() / "source")}
RIGHT = solution_namespace(LESSONS["training"])
LOSS, BACK, STEP = "cross_entropy_and_gradient", "rnn_decoder_backward", "training_step"
DISTIL, REWARD = "distillation_gradient", "expected_reward_gradient"


def said_of(function, name, lesson="training"):
    return " ".join(one.sentence for one in diagnose(function, name, LESSONS[lesson].id))


def softmax(rows, axis=1):
    powers = np.exp(rows - rows.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def loss_of_steps(of_one, gradient=None):
    """Return a loss that is the mean of what `of_one` gives each row and its token."""

    def loss(logits, tokens, mask=None):
        right, d_logits = RIGHT[LOSS](logits, tokens, mask)
        counted = np.flatnonzero(np.ones(len(logits)) if mask is None else mask)
        if not counted.size:
            return right, d_logits
        rows, heard = np.asarray(logits, dtype=float)[counted], np.asarray(tokens)[counted]
        if of_one:
            right = np.mean([of_one(row, int(k)) for row, k in zip(rows, heard, strict=True)])
        if gradient:
            p, true = softmax(rows), np.eye(rows.shape[1])[heard]
            d_logits[counted] = gradient(p, true) / counted.size
        return float(right), d_logits

    return loss


def p_of(row, k):
    return softmax(row[None])[0, k]


def behind(row, k):
    return np.delete(row, k) - row[k]


@pytest.mark.parametrize(
    ("of_one", "said"),
    [
        (lambda row, k: -((1 - p_of(row, k)) ** 3) * np.log(p_of(row, k)), "(1 - p)**3 times"),
        (lambda row, k: -0.25 * (1 - p_of(row, k)) * np.log(p_of(row, k)), "0.25 times (1 - p)**1"),
        (lambda row, k: -(p_of(row, k) ** 0.5) * np.log(p_of(row, k)), "(p)**0.5 times"),
        (lambda row, k: max(0, 1 + behind(row, k).max()), "1 above the largest other one"),
        (lambda row, k: np.maximum(0, 2 + behind(row, k)).sum(), "2 above each other one"),
        (lambda row, k: 0.5 - 0.5 * p_of(row, k), "is 0.5 times (1 - p(true token))"),
        (lambda row, k: (1 - p_of(row, k)) ** 2, "(1 - p(true token))**2"),
        (lambda row, k: -np.log(softmax(1.5 * row[None])[0, k]), "the softmax of 1.5 times"),
        (lambda row, k: -np.log(softmax(softmax(row[None]))[0, k]), "the softmax of a softmax"),
        (lambda row, k: -np.log(p_of(row, k - 1)), "tokens[t] - 1"),
        (lambda row, k: np.logaddexp(0, row).sum() - row[k], "of the sigmoid of each logit"),
    ],
)
def test_the_loss_of_a_step_is_told_by_its_formula(of_one, said):
    assert said in said_of(loss_of_steps(of_one), LOSS)


@pytest.mark.parametrize(
    ("gradient", "said"),
    [
        (lambda p, true: p * (p - true), "p * (p - one-hot)"),
        (lambda p, true: 2 * (p - true) ** 2, "2 times (p - one-hot)**2"),
        (lambda p, true: -true * np.log(p), "-one-hot * log p, the loss"),
    ],
)
def test_a_gradient_beside_the_right_loss_is_told_by_what_it_is_made_of(gradient, said):
    words = said_of(loss_of_steps(None, gradient), LOSS)
    assert f"The loss is right, and d_logits is {said}" in words


def test_a_loss_of_no_known_formula_is_told_none():
    assert "the loss of a step is" not in said_of(
        loss_of_steps(lambda row, k: np.cos(p_of(row, k)) - row[0] ** 3), LOSS
    )


@pytest.mark.parametrize("by", [-1, 1])
def test_a_loss_against_the_next_or_the_last_token_is_told(by):
    def loss(logits, tokens, mask=None):
        right, d_logits = RIGHT[LOSS](logits, tokens, mask)
        if mask is not None or len(logits) < 2:
            return right, d_logits
        return RIGHT[LOSS](logits, np.roll(tokens, by))[0], d_logits

    assert f"tokens[t{'+' if by < 0 else '-'}1]" in said_of(loss, LOSS)


def without_b_hh(x, h, params):
    return np.tanh(params["W_xh"] @ x + params["b_xh"] + params["W_hh"] @ h)


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (way_back(keeps=lambda t, T: (t + 1) % 3 > 0), "cut every 3 steps"),
        (way_back(keeps=lambda t, T: (T - 1 - t) % 2 > 0), "cut every 2 steps"),
        (way_back(begins=lambda T: max(0, T - 4)), "only the last 4 steps"),
        (way_back(step=without_b_hh), "the states are run again without b_hh"),
        (way_back(first=np.zeros_like), "the first state is zeros"),
    ],
)
def test_a_cut_way_back_and_other_states_are_told(back, said):
    assert said in said_of(back, BACK)


def training_step(made=lambda logits: logits, moved=lambda tokens: (slice(None), tokens)):
    def step(params, context_vector, tokens, sampling_prob, learning_rate, rng=None):
        tokens = np.asarray(tokens, dtype=int)
        target_seq = np.eye(len(params["b_y"]))[tokens]
        logits, fed = RIGHT["run_decoder"](context_vector, target_seq, params, sampling_prob, rng)
        rows, heard = moved(tokens) if len(tokens) else (slice(None), tokens)
        d_logits = np.zeros_like(logits)
        loss, d_logits[rows] = RIGHT[LOSS](made(logits)[rows], heard)
        grads, _ = RIGHT[BACK](context_vector, fed, params, d_logits)
        return {key: params[key] - learning_rate * grads[key] for key in params}, loss

    return step


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (training_step(lambda logits: 2 * logits), "2 times the logits go into the loss"),
        (training_step(lambda logits: softmax(logits)), "their softmax goes into the loss"),
        (training_step(moved=lambda one: (slice(-1), one[1:])), "tokens[t+1], and the last row"),
        (training_step(moved=lambda one: (slice(1, None), one[:-1])), "tokens[t-1], and row 0"),
    ],
)
def test_a_training_step_is_told_what_goes_into_its_loss(step, said):
    assert said in said_of(step, STEP)


def rewarded(factor=lambda r, b: r - b, share=softmax, tokens=lambda one: one, whole=-1.0):
    def gradient(logits, drawn, reward, baseline=0.0):
        if not len(logits):
            return np.zeros_like(logits)
        rows = np.eye(logits.shape[1])[tokens(np.asarray(drawn, dtype=int))]
        return whole * factor(reward, baseline) * (rows - share(np.asarray(logits, dtype=float)))

    return gradient


@pytest.mark.parametrize(
    ("gradient", "slips"),
    [
        (
            rewarded(lambda r, b: r, lambda rows: rows),
            ["the baseline plays no part", "the logits themselves"],
        ),
        (rewarded(share=lambda rows: softmax(rows, 0), whole=1.0), ["axis=0", "turned round"]),
        (
            rewarded(lambda r, b: r + b, tokens=lambda one: np.roll(one, 1)),
            ["reward + baseline", "tokens[t-1]"],
        ),
    ],
)
def test_two_slips_in_the_gradient_of_a_reward_are_both_told(gradient, slips):
    said = said_of(gradient, REWARD, "beyond_the_teacher")
    assert all(one in said for one in slips), said


def test_tokens_that_count_at_one_step_are_not_told_to_have_no_influence():
    def gradient(logits, tokens, reward, baseline=0.0):
        rows = np.zeros(np.shape(logits))
        rows[:1, tokens[:1]] = np.eye(len(rows[:1]))
        p = softmax(np.asarray(logits, dtype=float)) if len(rows) else rows
        return -(reward - baseline) * (rows - p)

    said = said_of(gradient, REWARD, "beyond_the_teacher")
    assert "no influence" not in said
    assert "the token of step 0 alone counts" in said


def distilled(loss, gradient, of_logits=lambda rows: np.log(softmax(rows))):
    """Return a distillation that is wrong in the forward direction."""
    right = solution_namespace(LESSONS["beyond_the_teacher"])[DISTIL]

    def distillation(student, teacher, direction):
        if direction != "forward" or not len(student):
            return right(student, teacher, direction)
        lp, lq = of_logits(np.asarray(teacher, float)), of_logits(np.asarray(student, float))
        rows = loss(np.exp(lp), np.exp(lq), lp, lq).sum(axis=1)
        return float(rows.mean()), gradient(np.exp(lp), np.exp(lq), lp, lq) / len(rows)

    return distillation


@pytest.mark.parametrize(
    ("distillation", "slips"),
    [
        (
            distilled(lambda p, q, lp, lq: (p - q) ** 2, lambda p, q, lp, lq: p - q),
            [
                "(p - q)**2 stands where",
                "the sign of d_logits is turned round",
                "; or else: teacher",
            ],
        ),
        (
            distilled(
                lambda p, q, lp, lq: p * (lp - lq),
                lambda p, q, lp, lq: p - q,
                lambda rows: np.log(softmax(rows, None)),
            ),
            ["one softmax is taken of all rows together", "the sign of d_logits"],
        ),
    ],
)
def test_two_slips_in_a_distillation_are_both_told(distillation, slips):
    said = said_of(distillation, DISTIL, "beyond_the_teacher")
    assert all(one in said for one in slips), said


def test_rows_that_hear_of_no_logits_are_not_told_to_be_kept_from_call_to_call():
    def one_hot_alone(logits, tokens, reward, baseline=0.0):
        return -(reward - baseline) * np.eye(np.shape(logits)[1])[np.asarray(tokens, dtype=int)]

    found = diagnose(one_hot_alone, REWARD, LESSONS["beyond_the_teacher"].id)
    assert not any("/forgets" in aspect for one in found for aspect in one.aspects)


def test_a_target_that_is_moved_twice_is_told():
    def step(params, context_vector, tokens, sampling_prob, learning_rate, rng=None):
        tokens = np.asarray(tokens, dtype=int)
        target_seq = np.eye(len(params["b_y"]))[np.roll(tokens, 1)]
        logits, fed = RIGHT["run_decoder"](context_vector, target_seq, params, sampling_prob, rng)
        loss, d_logits = RIGHT[LOSS](logits, tokens)
        grads, _ = RIGHT[BACK](context_vector, fed, params, d_logits)
        return {key: params[key] - learning_rate * grads[key] for key in params}, loss

    assert "run_decoder gets the tokens moved by one step" in said_of(step, STEP)


def attention(sees):
    def attend(x, block):
        q, k, v = (x @ block[key].T for key in ("W_q", "W_k", "W_v"))
        steps = np.arange(len(x))
        seen = sees(steps[:, None], steps)
        scores = np.where(seen, q @ k.T / np.sqrt(x.shape[1]), -np.inf)
        return softmax(scores) @ v @ block["W_o"].T if len(x) else x

    return attend


@pytest.mark.parametrize(
    ("sees", "said"),
    [
        (lambda t, j: (j <= t) & (j > t - 4), "Each row sees itself and the 3 before it"),
        (lambda t, j: (j <= t) & ((j > 0) | (t < 3)), "Row 3 of the result does not change with"),
        (lambda t, j: (j <= t) | ((t == 2) & (j == 3)), "Row 2 of the result changes with row 3"),
    ],
)
def test_rows_that_a_row_of_attention_hears_are_told(sees, said):
    assert said in said_of(attention(sees), "causal_attention", "transformers")


def test_parts_in_another_order_are_told_as_that():
    right = solution_namespace(LESSONS["transformers"])["attention_step"]
    said = said_of(lambda *given: right(*given)[::-1], "attention_step", "transformers")
    assert "What comes back looks like the new cache and y_t, in this order" in said
    assert "alone" not in said


def forced_pass(context=1.0, places=1.0, blocks=lambda blocks: blocks, shown=1.0, start=0.0):
    helpers = solution_namespace(LESSONS["transformers"])

    def forward(context_vector, target_seq, params):
        if len(target_seq) > len(params["positions"]):
            raise ValueError("there are fewer positions")
        rows = np.vstack([params["x_start"], target_seq])[: len(target_seq)]
        x = (rows + start * params["x_start"]) @ params["W_in"].T
        x = x + context * params["W_context"] @ context_vector
        x = x + places * params["positions"][: len(rows)]
        for block in blocks(params["blocks"]):
            x = helpers["block_forward"](x, block)
        return shown * helpers["rms"](x) @ params["W_out"].T + params["b_out"]

    return forward


@pytest.mark.parametrize(
    ("forward", "slips"),
    [
        (forced_pass(context=2.0), ["twice W_context @ context is added"]),
        (forced_pass(places=0.5), ["half of positions[t] is added"]),
        (forced_pass(start=1.0), ["x_start is added to every input"]),
        (forced_pass(shown=0.5, places=-1.0), ["half of rms(x)", "minus positions[t]"]),
        (forced_pass(blocks=lambda some: [*some, *some]), ["all blocks are run twice"]),
    ],
)
def test_a_forced_pass_is_told_by_its_formula(forward, slips):
    said = said_of(forward, "transformer_forward", "transformers")
    assert all(one in said for one in slips), said


def test_a_goal_that_is_any_node_is_not_told_to_be_the_node_after_the_centre():
    right = solution_namespace(LESSONS["beyond_the_teacher"])["path_star"]

    def any_goal(arms, length, labels, rng):
        edges, _, path = right(arms, length, labels, rng)
        return edges, int(rng.choice(np.unique(edges))), path

    assert "after the centre" not in said_of(any_goal, "path_star", "beyond_the_teacher")
