"""Examples of transformers, coins read off passes, and what is said of nested parameters."""

import numpy as np
import pytest

from course import checks
from course.checks.known.asking import Calls
from course.checks.known.probes import Probe
from course.checks.known.properties.arguments import without_influence
from course.checks.known.properties.failures import sizes_of

EXAMPLE = checks.random_transformer(4, 3, 5, 3, seed=11)


def forward(context_vector, target_seq, params):
    """Stand for a transformer: each row is made of all inputs so far."""
    inputs = np.vstack([params["x_start"], target_seq])[: len(target_seq)]
    x = inputs @ params["W_in"].T + params["W_context"] @ context_vector
    for block in params["blocks"]:
        x = np.cumsum(np.tanh(x @ block["W_v"].T), axis=0) @ block["W_o"].T
    return x @ params["W_out"].T + params["b_out"]


def passes(p, rng, n=1, tokens=lambda logits: np.eye(3)[logits.argmax(axis=1)], example=EXAMPLE):
    context_vector, target_seq, params = example
    own = rng.random((len(target_seq), 1)) < p
    logits = forward(context_vector, target_seq, params)
    for _ in range(n):
        fed = np.where(own, tokens(logits), target_seq)
        logits = forward(context_vector, fed, params)
    return logits, own[:-1, 0]


def test_an_example_is_the_same_each_time_and_nobodys_else():
    one, other = (checks.random_transformer(4, 3, 5, 2, seed=3) for _ in range(2))
    checks.assert_unchanged(one.params, other.params)
    one.params["blocks"][0]["W_q"] += 1.0
    third = checks.random_transformer(4, 3, 5, 2, seed=3)
    checks.assert_unchanged(other.params, third.params)


@pytest.mark.parametrize("n", [1, 3])
def test_coins_are_read_off_the_rows(n):
    due = checks.pass_runs(forward, EXAMPLE, n)
    rng = np.random.default_rng(0)
    runs = [passes(0.5, rng, n) for _ in range(30)]
    read = checks.read_pass_coins([logits for logits, _ in runs], due)
    assert (read == [own for _, own in runs]).all()
    assert 0 < read.mean() < 1


def test_a_run_that_fed_something_else_is_named_with_its_step():
    due = checks.pass_runs(forward, EXAMPLE, 1)
    wrong, _ = passes(1.0, np.random.default_rng(0), tokens=lambda logits: logits)
    with pytest.raises(AssertionError, match=r"run 0, step 1: .* neither target_seq\[0\] nor"):
        checks.read_pass_coins([wrong], due)
    with pytest.raises(AssertionError, match=r"run 1, step 0: .* x_start"):
        checks.read_pass_coins([due[0, 0, 0], wrong + 1], due)
    with pytest.raises(AssertionError, match="run 0: it returned nothing"):
        checks.read_pass_coins([None], due)


def test_coins_that_change_nothing_cannot_be_read():
    same = dict.fromkeys(checks.pass_runs(forward, EXAMPLE, 1), np.zeros((4, 3)))
    with pytest.raises(ValueError, match="give the same logits"):
        checks.read_pass_coins([np.zeros((4, 3))], same)


def test_a_change_within_a_block_is_noticed():
    params = checks.random_transformer(4, 3, 5, 3, seed=11).params
    params["blocks"][1]["b_2"][0] += 1.0
    with pytest.raises(AssertionError, match="the array 'b_2' was changed"):
        checks.assert_unchanged(EXAMPLE.params, params)
    del params["blocks"][1]
    with pytest.raises(AssertionError, match="held 2 and now holds 1"):
        checks.assert_unchanged(EXAMPLE.params, params)


def test_a_change_of_a_cache_is_noticed():
    cache = (np.zeros((2, 3)), np.ones((2, 3)))
    checks.assert_unchanged(cache, (np.zeros((2, 3)), np.ones((2, 3))))
    with pytest.raises(AssertionError, match="changed in place"):
        checks.assert_unchanged(cache, (np.zeros((2, 3)), np.zeros((2, 3))))


@pytest.mark.parametrize(
    ("idle", "said"),
    [
        (lambda c, t, params: np.zeros((4, 3)), "are 0"),
        (lambda c, t, params: np.resize(params["b_out"], (4, 3)), "with another W_in and W_out"),
        (lambda c, t, params: t, "with another W_in and W_out"),
        (lambda c, t, params: np.random.default_rng().random((4, 3)), "another result"),
    ],
)
def test_a_transformer_that_does_no_work_is_named(idle, said):
    with pytest.raises(AssertionError, match=said):
        checks.assert_works(idle, *EXAMPLE)


def test_a_transformer_and_one_that_tosses_coins_work():
    rng = np.random.default_rng(1)
    checks.assert_works(forward, *EXAMPLE)
    checks.assert_works(lambda *given: passes(0.5, rng, example=given)[0], *EXAMPLE)


@pytest.mark.parametrize("idle", [lambda x, block: x, lambda x, block: block["W_q"] @ x.T])
def test_attention_has_to_hear_its_values(idle):
    with pytest.raises(AssertionError, match="with another W_v and W_o"):
        checks.assert_works(idle, checks.random_rows(3, 3, 1), checks.random_block(3, 1))


def test_sizes_are_told_by_the_lessons_letters():
    context_vector, target_seq, params = EXAMPLE
    given = {"context_vector": context_vector, "target_seq": target_seq, "params": params}
    assert sizes_of(given) == {"d": 5, "I": 3, "O": 3, "T_max": 7, "T": 4}
    of_attention = {"x": checks.random_rows(2, 6, 1), "block": checks.random_block(6, 1)}
    assert sizes_of(of_attention) == {"d": 6, "T": 2}


def test_names_that_another_lesson_gives_to_other_things_are_no_sizes():
    assert sizes_of({"logits": np.zeros(3), "temperature": 0.5}) == {}
    assert sizes_of({"x": 2.0, "tokens": 7, "fed": None}) == {}
    assert sizes_of({"tokens": [], "logits": np.zeros((0, 4))}) == {"T": 0, "O": 4}


def test_weights_that_are_not_heard_are_named_with_what_they_do():
    probe = Probe("", "values", "four", lambda: checks.random_transformer(4, 3, 5, 3, seed=11))
    deaf = Calls(
        lambda c, t, params: forward(0 * c, t, params), probe, ("context_vector", "target_seq",
                                                                "params"))  # fmt: skip
    (told, *_) = without_influence(deaf, "")
    assert "W_context @ context_vector is added at every position" in told.sentence
    assert "hidden state" not in told.sentence
    head = Probe(
        "", "values", "x", lambda: (checks.random_rows(4, 3, 1), checks.random_block(3, 1))
    )
    (told, *_) = without_influence(
        Calls(lambda x, block: x @ block["W_v"] @ block["W_o"], head, ("x", "block")), ""
    )
    assert told.sentence.startswith("W_q and W_k have no influence")
