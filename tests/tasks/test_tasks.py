"""The tasks: what they say of themselves is so, and their truths are the truths."""

import numpy as np
import pytest

from course import exposure, tasks
from course.engine import TrainingPlan, constant, initial_parameters, train
from course.engine.training import Source
from course.study.measures import measure_chain
from course.study.theory import of_a_ring_with_slips
from course.tasks import chain, digits, find_task, momentum, names, osc
from course.tasks.task import from_pool

ALL = pytest.mark.parametrize("task", tasks.TASKS.values(), ids=tasks.TASKS)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@ALL
def test_sequences_have_the_sizes_that_the_task_says(task: tasks.Task) -> None:
    for source in (task.draw, task.draw_test):
        batch = source(50, rng())
        assert batch.features.shape == (task.feature_dim, 50)
        assert batch.features.dtype == np.float32
        assert batch.tokens.shape == (task.steps, 50)
        assert 0 <= batch.tokens.min() <= batch.tokens.max() < task.classes
        assert batch.mask is None or batch.mask.shape == batch.tokens.shape


@ALL
def test_the_same_generator_draws_the_same_sequences_and_another_others(task: tasks.Task) -> None:
    first, again, other = (task.draw(40, rng(seed)).tokens for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@ALL
def test_every_token_is_used(task: tasks.Task) -> None:
    assert set(np.unique(task.draw(3000, rng()).tokens)) == set(range(task.classes))


@pytest.mark.parametrize("name", ["digits", "names"])
def test_no_real_sequence_is_both_trained_on_and_tested_on(name: str) -> None:
    task = find_task(name)

    def seen(source: Source) -> set[bytes]:
        batch = source(20_000, rng())
        both = np.concatenate([batch.features, batch.tokens]).T
        return {column.tobytes() for column in np.ascontiguousarray(both)}

    assert not seen(task.draw) & seen(task.draw_test)


def test_an_oscillation_stays_in_the_bin_of_its_formula() -> None:
    batch = osc.TASK.draw(200, rng())
    a, b = batch.features[:2]
    frequency, decay = batch.features[2] / 6 + 0.475, batch.features[3] / 80 + 0.015
    t = np.arange(osc.STEPS)[:, None]
    phase, size = np.arctan2(b, a), np.hypot(a, b)
    y = size * np.sin(frequency * t + phase) * np.exp(-decay * t)
    assert np.abs(osc.value(batch.tokens) - y).max() < 1 / 16 + 1e-5


def test_exact_and_measured_rings_follow_their_context_and_the_process_ring_does_not() -> None:
    wrong = {}
    for name in ("ring", "ring_measured", "ring_process"):
        batch = find_task(name).draw(2000, rng())
        start, stride = batch.features[:16].argmax(axis=0), batch.features[16:].argmax(axis=0)
        path = (start + np.arange(20)[:, None] * stride) % 16
        wrong[name] = (batch.tokens != path).mean(axis=1)
    assert not wrong["ring"].any()
    np.testing.assert_allclose(wrong["ring_measured"], 0.1, atol=0.03)
    assert wrong["ring_process"][0] < 0.15
    assert wrong["ring_process"][-1] > 0.6


def test_runs_last_as_long_as_their_context_says() -> None:
    batch = find_task("runs").draw(300, rng())
    symbols = batch.features[:30].reshape(5, 6, -1).argmax(axis=1)
    durations = batch.features[30:].reshape(5, 4, -1).argmax(axis=1) + 2
    for n in range(300):
        assert batch.tokens[:, n].tolist() == np.repeat(symbols[:, n], durations[:, n]).tolist()


def test_a_digit_is_cut_into_its_halves() -> None:
    assert digits.pixels().shape == (1797, 64)
    batch = digits.TASK.draw(10, rng())
    n = 4
    upper = ((batch.features[:, n] + 0.5) * 16).round()
    (found,) = np.flatnonzero((digits.pixels()[:, :32] == upper).all(axis=1))
    np.testing.assert_array_equal(batch.tokens[:, n], digits.pixels()[found, 32:] * 4 // 17)


def test_names_are_spelled_and_read_back_and_padding_does_not_count() -> None:
    batch = names.spelled(["ng", "abcdefgh"])
    assert names.spell(batch.tokens) == ["ng", "abcdefgh"]
    assert batch.mask is not None
    assert batch.mask.sum(axis=0).tolist() == [3, 9]
    real = set(names.real_surnames())
    assert len(real) == 17_661
    assert set(names.spell(names.TASK.draw(100, rng()).tokens)) <= real


def test_the_truth_of_momentum_is_what_its_sequences_are_drawn_from() -> None:
    tokens = momentum.TASK.draw(4000, rng()).tokens
    log_p = momentum.log_prob(tokens)
    np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1)
    entropy = -(np.exp(log_p) * log_p).sum(axis=1)
    surprise = exposure.negative_log_likelihood(log_p, tokens)
    assert entropy[2:].mean() == pytest.approx(1.0427, abs=1e-4)
    sigma = surprise.std() / np.sqrt(surprise.size)
    assert abs(surprise.mean() - entropy.mean()) < 5 * sigma


def test_the_truth_of_momentum_looks_two_tokens_back_and_no_further() -> None:
    first = momentum.log_prob(np.array([[1], [2], [0], [0]]))
    other = momentum.log_prob(np.array([[5], [2], [0], [0]]))
    np.testing.assert_array_equal(first[3], other[3])
    assert (first[2] != other[2]).any()
    assert first[2, :, 0].argmax() == 3  # 1, 2, so 3
    assert first[1, :, 0].argmax() == 1  # as if it had stood still


def test_the_chain_repeats_its_first_token() -> None:
    tokens = chain.pairs(0.7)(5000, rng()).tokens
    np.testing.assert_array_equal(tokens[0], tokens[1])
    assert tokens[0].mean() == pytest.approx(0.7, abs=0.04)


def test_a_pool_is_all_that_is_drawn_from() -> None:
    pool = momentum.TASK.draw(5, rng())
    drawn = from_pool(pool)(500, rng()).tokens
    columns = {column.tobytes() for column in np.ascontiguousarray(drawn.T)}
    assert columns == {column.tobytes() for column in np.ascontiguousarray(pool.tokens.T)}


def test_an_unknown_task_is_refused_and_says_which_there_are() -> None:
    with pytest.raises(ValueError, match=r"no task 'addition'; there are: chain, .*digits"):
        find_task("addition")


@pytest.mark.parametrize("name", ["ring_measured", "ring_process"])
def test_the_truth_of_a_ring_is_what_its_sequences_are_drawn_from(name: str) -> None:
    task = find_task(name)
    batch = tasks.held_out(task, 5000)
    assert task.truth is not None
    oracle = task.truth(batch)
    log_p = oracle(batch.tokens)
    np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1)

    at_best = of_a_ring_with_slips(task)["best"]
    nll = exposure.negative_log_likelihood(log_p, batch.tokens)
    np.testing.assert_allclose(nll.mean(axis=1), at_best["nll_nats"], atol=0.05)
    assert (log_p.argmax(axis=1) != batch.tokens).mean() == pytest.approx(0.1, abs=0.01)

    later = batch.tokens.copy()
    later[5:] = (later[5:] + 3) % 16
    np.testing.assert_array_equal(oracle(later)[:6], log_p[:6])
    assert (oracle(later)[6] != log_p[6]).any() == task.prefix_matters


@pytest.mark.parametrize("name", ["ring_measured", "ring_process"])
def test_the_best_on_a_ring_is_that_of_walking_on_without_a_slip(name: str) -> None:
    task = find_task(name)
    batch = tasks.held_out(task, 5000)
    start, stride = (half.argmax(axis=0) for half in np.split(batch.features, 2))
    steady = (start + np.arange(task.steps)[:, None] * stride) % 16
    wrong = float((steady != batch.tokens).mean())
    assert of_a_ring_with_slips(task)["best"]["own_prefix_error"] == pytest.approx(wrong, abs=0.01)


@pytest.mark.parametrize("a", [0.3, 0.5])
def test_the_closed_form_is_where_the_loss_is_lowest(a: float) -> None:
    q = np.linspace(0.001, 0.999, 9_999)
    for p in (0.25, 0.5, 1.0):
        own_is_one = a  # the model's own first token is 1 as often as the true one
        right = (1 - p) + p * own_is_one
        loss = -right * np.log(q) - (1 - right) * np.log(1 - q)
        assert chain.closed_form_repeat(np.array(p), a) == pytest.approx(q[loss.argmin()], abs=1e-3)
    assert chain.closed_form_kl(np.array(1.0)) == pytest.approx(np.log(2))


def test_the_closed_form_for_the_argmax_is_that_of_training_on_its_own_mixture() -> None:
    # second token after a fed 1, by counting: fed 1 where the truth is (1 - p) or always (p)
    a, p = 0.7, 0.5
    fed_one_truth_one, fed_one_truth_zero = a, p * (1 - a)
    repeat = fed_one_truth_one / (fed_one_truth_one + fed_one_truth_zero)
    assert chain.closed_form_repeat(np.array(p), a, "argmax") == pytest.approx(repeat)
    assert chain.closed_form_repeat(np.array(p), a, "argmax", token=0) == 1


def test_an_untrained_model_writes_names_of_letters_and_the_same_each_time() -> None:
    one, other = (initial_parameters(names.TASK.shape("gru", 6), rng(k)) for k in (0, 50))
    made = names.written(one, 14, rng())
    assert len(made) == 14
    assert "".join(made).isalpha()
    assert made == names.written(one, 14, rng())
    assert made != names.written(other, 14, rng())


def test_training_finds_the_closed_form() -> None:
    plan = TrainingPlan(steps=400, schedule=constant(0.5), choice="sample", learning_rate=2e-2)
    model = train(chain.TASK.shape("gru", 8), chain.TASK.draw, plan).parameters
    assert measure_chain(chain.TASK, model)["repeat_1"] == pytest.approx(0.75, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("sampling_prob", [0.0, 0.5, 1.0])
def test_the_chain_forgets_its_first_token_as_huszars_formula_says(sampling_prob: float) -> None:
    """Fed samples with probability p, the best is q(x|x) = 1 - p / 2, and KL = -ln(1 - p / 2)."""
    plan = TrainingPlan(steps=1200, schedule=constant(sampling_prob), choice="sample")
    model = train(chain.TASK.shape("gru", 8), chain.TASK.draw, plan).parameters
    seen = measure_chain(chain.TASK, model)
    assert seen["repeat_0"] == pytest.approx(1 - sampling_prob / 2, abs=0.03)
    assert seen["repeat_1"] == pytest.approx(1 - sampling_prob / 2, abs=0.03)
    assert seen["kl_nats"] == pytest.approx(-np.log(1 - sampling_prob / 2), abs=0.03)
