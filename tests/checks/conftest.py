"""What the tests of the checks share: banks made from the answers in this folder."""

import pytest
import wrong_answers
from asked_once import _asked_once
from same_chance import _same_chance_each_time, rng

from course.checks.dashboard import checking
from course.checks.known import bank as banks
from course.checks.known import diagnosis
from course.maintain.golden import right_features, wrong_features

__all__ = ["_asked_once", "_same_chance_each_time", "rng"]


def bank_of(function_name, right, wrong):
    """Return what a golden file would say of a function."""
    known = right_features(right, function_name)
    mistakes = [
        banks.Mistake(
            name, f"{name} is what you did.", wrong_features(lambda f=f: f, function_name, known)
        )
        for name, f in wrong.items()
    ]
    return banks.Bank(known, tuple(mistakes))


@pytest.fixture(scope="session")
def made_banks():
    """Banks of both decoders, by the name of the function."""
    return {
        name: bank_of(name, wrong_answers.RIGHT[name], wrong)
        for name, wrong in (
            ("decoder_forward_teacher_forcing", wrong_answers.TEACHER_FORCING),
            ("decoder_forward_scheduled_sampling", wrong_answers.SCHEDULED_SAMPLING),
        )
    }


@pytest.fixture
def with_banks(made_banks, monkeypatch):
    """Let checks read those banks, not the files of the lessons."""

    def load(name, lesson_id=None):
        return made_banks.get(name)

    monkeypatch.setattr(checking, "load_bank", load)
    monkeypatch.setattr(diagnosis, "load_bank", load)
    return made_banks
