"""Who writes the prefix and who answers: the ways of training that an expert makes possible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course.engine import log_softmax, softmax, train
from course.engine.numerics import central_difference
from course.study import experts
from course.study.experts import ANSWERS, PREFIXES, SETTING, by_answer, train_by
from course.study.ways import Way
from course.tasks import find_task


@pytest.fixture
def asked() -> dict[str, Any]:
    """Logits, tokens, an expert and lots, of 3 steps, 4 tokens, 5 sequences."""
    rng = np.random.default_rng(3)
    logits, expert = rng.normal(size=(2, 3, 4, 5))
    return {
        "logits": logits,
        "tokens": rng.integers(0, 4, (3, 5)),
        "log_p": log_softmax(expert),
        "lots": rng.random((3, 5)),
    }


def test_the_experts_distribution_is_answered_by_the_gradient_of_the_divergence(
    asked: dict[str, Any],
) -> None:
    p = np.exp(asked["log_p"])

    def divergence(flat: Any) -> float:
        log_q = log_softmax(flat.reshape(p.shape))
        return float((p * (asked["log_p"] - log_q)).sum(axis=1).mean())

    numeric = central_difference(divergence, asked["logits"].reshape(-1)).reshape(p.shape)
    np.testing.assert_allclose(by_answer("expert_distribution", **asked), numeric, atol=1e-8)


def test_drawn_answers_are_the_distribution_in_the_mean(asked: dict[str, Any]) -> None:
    rng, many = np.random.default_rng(1), 20_000
    wide = {
        name: np.repeat(value[..., :1], many, axis=-1)
        for name, value in asked.items()
        if name != "lots"
    }
    wide["lots"] = rng.random((3, many))
    drawn = by_answer("expert_sample", **wide).sum(axis=-1)
    soft = by_answer("expert_distribution", **wide).sum(axis=-1)
    # the standard error of a share is at most 0.5 / sqrt(many); a mean over 3 steps
    np.testing.assert_allclose(drawn, soft, atol=6 * 0.5 / np.sqrt(many) / 3)


def test_the_datas_token_is_answered_whatever_the_expert_says(asked: dict[str, Any]) -> None:
    right = softmax(asked["logits"])
    for t, n in np.ndindex(3, 5):
        right[t, asked["tokens"][t, n], n] -= 1
    np.testing.assert_allclose(by_answer("token", **asked), right / 15, atol=1e-12)


@pytest.mark.parametrize(
    ("prefix", "regime"), [("data", "p0.00"), ("half_own", "p0.50-sample"), ("own", "p1.00-sample")]
)
def test_with_the_datas_tokens_it_is_the_training_of_the_other_lessons(
    prefix: str, regime: str
) -> None:
    task, plan = find_task(SETTING.task), Way(regime, 4).plan(1)
    alone = train(task.shape("gru", 32), task.source(SETTING.variant), plan).parameters
    mine = train_by(prefix, "token", 1, 4)
    np.testing.assert_array_equal(mine.flat, alone.flat)


def test_prefix_and_answer_each_make_another_student() -> None:
    flats = [train_by(prefix, answer, 0, 3).flat for prefix in PREFIXES for answer in ANSWERS]
    for k, one in enumerate(flats):
        for other in flats[:k]:
            assert not np.array_equal(one, other)


def test_every_way_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experts, "train_by", lambda *_: "a model")
    monkeypatch.setattr(experts, "measure_truth", lambda *_: {"eps_nats": 0.0})
    assert set(experts.measured(0)) == set(experts.TITLES)
    assert {way for pair in experts.PAIRS for way in pair} <= set(experts.TITLES)
