"""Where scheduled sampling harms: two tokens with a closed form, and real text.

The chain is that of Huszar 2015, "How (not) to train your generative model": the first token is 0
or 1, the second repeats it. Where a *sample* of the model's is fed with probability p, the best
that training can find is :math:`q(x_2 | x_1) = (1 - p) P(x_2 | x_1) + p P(x_2)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from course import trained
from course.engine import Parameters, context_from, forward, free_running
from course.engine.numerics import Array
from course.figures.chart import Chart, Dots, Line, Panel, ceiling, role_of
from course.figures.drawing import Drawing
from course.figures.sheet import charts_sheet
from course.figures.things import Writing, draw, lists
from course.labs.page.controls import stops
from course.labs.page.state import State, complete
from course.labs.page.view import LabView
from course.tasks.chain import closed_form_kl, closed_form_repeat
from course.tasks.names import real_surnames, written
from course.tasks.task import without_features
from course.trained import results
from course.trained.results import interval

__all__ = ["when_it_hurts"]

#: Of so many names that are sampled so many are listed, the real ones first: few are real.
SAMPLES, SHOWN_SAMPLES, SHOWN_PAIRS = 200, 14, 20
#: A draw in which about as many are real, with each probability, as were measured of many more.
SEED = 54


@dataclass
class Harm(State):
    """What was measured of models of the chain and of surnames, a number for each seed.

    Attributes
    ----------
    repeat, kl_nats : dict
        By the `sampling_prob` in training: the probability that a first token a is repeated, and
        the divergence from the truth.
    nll_nats, real : dict
        Loss on held-out surnames, nats per letter, and part of the sampled names that are real.
    writer, pairer : callable
        From a probability to a model of surnames, and to one of the chain.
    sampling_prob : float
        What the slider sets.
    """

    SETTING = ("sampling_prob",)

    repeat: Mapping[float, Array]
    kl_nats: Mapping[float, Array]
    nll_nats: Mapping[float, Array]
    real: Mapping[float, Array]
    writer: Callable[[float], Parameters]
    pairer: Callable[[float], Parameters]
    sampling_prob: float = 0.0
    _written: dict[float, tuple[str, ...]] = field(default_factory=dict)
    _pairs: dict[float, Array] = field(default_factory=dict)

    def advance(self, budget_s: float) -> bool:
        """Have the present models write some names and pairs, and that of teacher forcing too."""
        for at in {min(self.repeat), self.sampling_prob} - {*self._written}:
            rng = np.random.default_rng(SEED)
            self._written[at] = tuple(written(self.writer(at), SAMPLES, rng))
            self._pairs[at] = sampled_pairs(self.pairer(at), SHOWN_PAIRS, rng)
        return False

    def things(self) -> tuple[Drawing, ...]:
        """Return sampled pairs, and surnames side by side."""
        at, forced = self.sampling_prob, min(self.repeat)
        first, second = self._pairs[at] + 1  # letters begin at 1
        role = role_of(at)
        pairs = Writing(first, second, 3, "second", role, truth_label="first", x_label="pair")
        drawn = draw("letters", pairs)
        said = f"In {SHOWN_PAIRS - pairs.wrong.sum()} of {SHOWN_PAIRS} sampled pairs"
        said += " the second token repeats the first"
        columns = {
            f"trained with {prob:.2f}": sorted(
                (marked(name) for name in self._written[prob]), key=lambda name: name[1] >= 0
            )
            for prob in dict.fromkeys((forced, at))
        }
        real = (
            f"{sum(wrong < 0 for _, wrong in words)} {title.removeprefix('trained ')}"
            for title, words in columns.items()
        )
        names = lists(
            {title: words[:SHOWN_SAMPLES] for title, words in columns.items()},
            f"Real ones of {SAMPLES} sampled surnames, listed first: {', '.join(real)}",
            "no surname of the list goes on like this",
        )
        return replace(drawn, finding=said, alt=f"{drawn.alt} {said}."), names

    def words(self) -> str:
        """Say what the chain and the names came to."""
        p = self.sampling_prob
        return (
            f"Trained with sampling_prob {p:.2f}, the chain repeats an a with probability "
            f"{self.repeat[p].mean():.3f} "
            f"(closed form {float(closed_form_repeat(np.array(p))):.3f}), which is "
            f"{self.kl_nats[p].mean():.3f} nats from the truth "
            f"(closed form {float(closed_form_kl(np.array(p))):.3f}). "
            f"Surnames: {self.nll_nats[p].mean():.3f} nats per letter on held-out names, and "
            f"{100 * self.real[p].mean():.1f} % of the sampled names are real ones."
        )

    def charts(self) -> tuple[Chart, ...]:
        """Return q and KL of the chain, and the two measures of the names."""
        p = np.linspace(0, 1, 101)
        percent = {at: 100 * values for at, values in self.real.items()}
        return (
            self._chart(
                "the chain repeats an a with probability {:.3f}",
                "q(a | a)",
                self.repeat,
                1.0,
                Line(p, closed_form_repeat(p), "reference", "closed\nform"),
            ),
            self._chart(
                "the chain is {:.3f} nats from the truth",
                "KL(data || model) (nats)",
                self.kl_nats,
                0.8,
                Line(p, closed_form_kl(p), "reference", "closed\nform"),
            ),
            self._chart(
                "surnames cost {:.2f} nats per letter", "nats per letter, held out", self.nll_nats
            ),
            self._chart(
                "{:.1f} % of the sampled names are real", "real names, sampled (%)", percent
            ),
        )

    def _chart(
        self,
        finding: str,
        label: str,
        values: Mapping[float, Array],
        top: float | None = None,
        line: Line | None = None,
    ) -> Chart:
        x = np.array(sorted(values))
        y, half = np.array([interval(values[at]) for at in x]).T
        half = np.nan_to_num(half)
        now = int(np.abs(x - self.sampling_prob).argmin())
        marks: list[Line | Dots] = [line] if line else []
        for k, prob in enumerate(x):
            one, role = slice(k, k + 1), role_of(prob)
            marks.append(Dots(x[one], y[one], role, k == now, (y - half)[one], (y + half)[one]))
        panel = Panel(
            "sampling_prob in training",
            label,
            (0, 1),
            (0, top or ceiling(float((y + half).max()))),
            labels_px=58 if line else 14,
        )
        each = ", ".join(f"{value:.3g} at {at:g}" for at, value in zip(x, y, strict=True))
        alt = (
            f"Dot chart of {label} against sampling_prob in training, bars are 95 % intervals "
            f"over seeds: {each}."
        )
        return Chart(f"At {x[now]:g}, {finding.format(y[now])}", panel, marks, alt)


@cache
def _beginnings() -> frozenset[str]:
    """Return all that a real surname begins with, and each with its end mark."""
    return frozenset(
        f"{name}."[:length] for name in real_surnames() for length in range(len(name) + 2)
    )


def marked(name: str) -> tuple[str, int]:
    """Return a name, and the letter at which no real surname goes on like this; -1 for a real one.

    An end that comes too early is a wrong letter, too.

    >>> marked("smith"), marked("smitq"), marked("smi")
    (('smith', -1), ('smitq', 4), ('smi.', 3))
    """
    spelled = f"{name}."
    for letter in range(len(spelled)):
        if spelled[: letter + 1] not in _beginnings():
            return (spelled if letter == len(name) else name), letter
    return name, -1


def sampled_pairs(model: Parameters, count: int, rng: np.random.Generator) -> Array:
    """Let a model of the chain write pairs of tokens, (2, count), by sampling."""
    # one step more than a pair has, so that the second token, too, is fed and can be read
    room = without_features(np.zeros((3, count), int))
    feed = free_running(3, count, "sample", rng)
    context = context_from(model, room.features)
    run = forward(model.shape.cell_type, model, context, room.tokens, feed)
    fed: Array = run.fed[1:].argmax(axis=1)
    return fed


def shipped_harm() -> Harm:
    """Return what comes with the course: feedback is sampled, as the closed form supposes."""
    regimes = {task: _by_prob(task) for task in ("chain", "names")}

    def values(task: str, name: str) -> dict[float, Array]:
        paths = {prob: f"{task}/gru/{way}/{name}" for prob, way in regimes[task].items()}
        return {prob: np.array(results.find(path).values) for prob, path in paths.items()}

    return Harm(
        values("chain", "repeat_0"),
        values("chain", "kl_nats"),
        values("names", "nll_nats"),
        values("names", "real_names"),
        writer=lambda prob: trained.load("names", "gru", regimes["names"][prob]),
        pairer=lambda prob: trained.load("chain", "gru", regimes["chain"][prob]),
    )


def _by_prob(task: str) -> dict[float, str]:
    """Return the regimes of one constant probability each, lowest first."""
    found = {
        regime.sampling_prob: regime.name
        for regime in trained.regimes(task, "gru")
        if regime.sampling_prob is not None
        and (regime.choice == "sample" or regime.sampling_prob == 0)
    }
    return dict(sorted(found.items()))


def when_it_hurts(prediction: str | None = None, *, state: Harm | None = None) -> LabView:
    """Open the lab.

    Parameters
    ----------
    prediction : str, optional
        What the learner wrote down before.
    state : Harm, optional
        Other models than those that come with the course.
    """
    state = state or shipped_harm()
    probs = [(f"{p:.2f}", p) for p in state.repeat]
    control = stops("sampling_prob in training (0 to 1)", probs, state.sampling_prob)
    return LabView(state, {"sampling_prob": control}, prediction)


def still() -> str:
    """Draw the lab for half of the tokens."""
    state = complete(shipped_harm(), sampling_prob=0.5)
    return charts_sheet("Where scheduled sampling harms", state.charts(), 2, state.things())
