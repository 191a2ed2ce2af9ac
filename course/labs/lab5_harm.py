"""Lab 5: where scheduled sampling harms: two tokens with a closed form, and real text.

The chain is that of Huszar 2015, "How (not) to train your generative model": the first token is 0
or 1, the second repeats it. Where a *sample* of the model's is fed with probability p, the best
that training can find is :math:`q(x_2 | x_1) = (1 - p) P(x_2 | x_1) + p P(x_2)`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

import numpy as np

from course.engine import Batch, Parameters, context_from, forward, free_running, log_softmax
from course.exposure import negative_log_likelihood
from course.figures.chart import Chart, Dots, Line, Panel, ceiling
from course.labs.controls import chooser
from course.labs.learner import Array
from course.labs.view import LabView
from course.tasks import NAMES, real_surnames, spell

SAMPLES = 500
SHOWN_SAMPLES = 14


def closed_form_repeat(p: Array, a: float = 0.5) -> Array:
    """Return the probability q(1 | 1) that training finds, where P(first = 1) = a.

    >>> closed_form_repeat(np.array([0.0, 0.5, 1.0]))
    array([1.  , 0.75, 0.5 ])
    """
    repeat: Array = (1 - p) + p * a
    return repeat


def closed_form_kl(p: Array, a: float = 0.5) -> Array:
    r"""Return :math:`KL(data \| model) = -\sum_x P(x) \log q(x | x)` in nats.

    >>> closed_form_kl(np.array([0.5, 1.0])).round(4)
    array([0.2877, 0.6931])
    """
    kl: Array = -a * np.log(closed_form_repeat(p, a)) - (1 - a) * np.log(
        closed_form_repeat(p, 1 - a)
    )
    kl += 0.0  # -0 becomes 0
    return kl


@dataclass(frozen=True)
class OnChain:
    """What one model of the chain says: the mean of q(0|0) and q(1|1), and KL in nats."""

    repeat: float
    kl_nats: float


def measure_chain(parameters: Parameters, a: float = 0.5) -> OnChain:
    """Read both conditional probabilities off a model, and its divergence from the truth."""
    tokens = np.array([[0, 1], [0, 1]])
    context = context_from(parameters, np.zeros((0, 2), parameters.flat.dtype))
    cell_type = parameters.shape.cell_type
    log_q = log_softmax(forward(cell_type, parameters, context, tokens).logits.astype(np.float64))
    of_pair = -negative_log_likelihood(log_q, tokens).sum(axis=0)
    truth = np.array([1 - a, a])
    repeat = float(truth @ np.exp(log_q[1, [0, 1], [0, 1]]))
    return OnChain(repeat, float(truth @ (np.log(truth) - of_pair)))


@dataclass(frozen=True)
class OnNames:
    """What one model of surnames does: nats a letter on held-out names, and its own names."""

    nll_nats: float
    real: float
    samples: tuple[str, ...]


def measure_names(parameters: Parameters, batch: Batch, seed: int = 0) -> OnNames:
    """Score held-out surnames, and let the model write its own, by sampling."""
    cell_type, dtype = parameters.shape.cell_type, parameters.flat.dtype
    mask = np.ones(batch.tokens.shape) if batch.mask is None else batch.mask
    context = context_from(parameters, batch.features.astype(dtype))
    log_q = log_softmax(forward(cell_type, parameters, context, batch.tokens).logits)
    nll = negative_log_likelihood(log_q, batch.tokens) * mask
    feed = free_running(NAMES.steps + 1, SAMPLES, "sample", np.random.default_rng(seed))
    room = np.zeros((NAMES.steps + 1, SAMPLES), int)
    context = context_from(parameters, np.zeros((0, SAMPLES), dtype))
    fed = forward(cell_type, parameters, context, room, feed).fed[1:]
    written = spell(fed.argmax(axis=1))
    real = set(real_surnames())
    return OnNames(
        float(nll.sum() / mask.sum()),
        float(np.mean([name in real for name in written])),
        tuple(written[:SHOWN_SAMPLES]),
    )


@dataclass
class Harm:
    """Models of the chain and of surnames by the `sampling_prob` they were trained with.

    Attributes
    ----------
    probs : tuple of float
        The positions of the slider.
    chain, names : callable
        From a probability to its models, one a seed.
    names_probs : tuple of float
        Where there are models of surnames.
    held_out : Batch
        Surnames that none of them was trained on.
    sampling_prob : float
        What the slider sets.
    """

    probs: tuple[float, ...]
    chain: Callable[[float], list[Parameters]]
    names: Callable[[float], list[Parameters]]
    names_probs: tuple[float, ...]
    held_out: Batch
    sampling_prob: float = 0.0
    _on_chain: dict[float, list[OnChain]] = field(default_factory=dict)
    _on_names: dict[float, list[OnNames]] = field(default_factory=dict)

    def advance(self, budget_s: float) -> bool:
        """Measure the chain at once, which is quick, and the names as time allows."""
        end = time.perf_counter() + budget_s
        for p in self.probs:
            if p not in self._on_chain:
                self._on_chain[p] = [measure_chain(model) for model in self.chain(p)]
        for p in sorted(self.names_probs, key=lambda one: abs(one - self.sampling_prob)):
            if p not in self._on_names:
                if self._on_names and time.perf_counter() > end:
                    return True
                models = self.names(p)
                self._on_names[p] = [
                    measure_names(model, self.held_out, seed) for seed, model in enumerate(models)
                ]
        return False

    def ahead(self, budget_s: float) -> bool:
        """Nothing is left to do."""
        return False

    def key(self) -> str:
        """Name the setting."""
        return f"sampling_prob={self.sampling_prob:.2f}"

    def message(self) -> str:
        """There is no function of the learner's in this lab."""
        return ""

    @property
    def names_prob(self) -> float:
        """The measured probability next to the slider's."""
        return min(self._on_names, key=lambda one: abs(one - self.sampling_prob))

    def words(self) -> str:
        """Say what the chain and the names came to."""
        p = self.sampling_prob
        q = np.array([one.repeat for one in self._on_chain[p]])
        kl = np.array([one.kl_nats for one in self._on_chain[p]])
        at = self.names_prob
        nll = np.mean([one.nll_nats for one in self._on_names[at]])
        real = 100 * np.mean([one.real for one in self._on_names[at]])
        return (
            f"Trained with sampling_prob {p:.2f}, the chain repeats its token with probability "
            f"{q.mean():.3f} (closed form {float(closed_form_repeat(np.array(p))):.3f}), which is "
            f"{kl.mean():.3f} nats from the truth "
            f"(closed form {float(closed_form_kl(np.array(p))):.3f}). "
            f"Surnames trained with {at:.2f}: {nll:.3f} nats a letter on held-out names, and "
            f"{real:.1f} % of the sampled names are real ones."
        )

    def charts(self) -> tuple[Chart, ...]:
        """Return q and KL of the chain, and the two measures of the names."""
        p = np.linspace(0, 1, 101)
        chain, names = self._on_chain, self._on_names
        return (
            self._chart(
                "the chain repeats with probability {:.3f}",
                "q(second = first)",
                {at: [one.repeat for one in runs] for at, runs in chain.items()},
                1.0,
                Line(p, closed_form_repeat(p), "reference", "closed\nform"),
            ),
            self._chart(
                "the chain is {:.3f} nats from the truth",
                "KL(data || model) (nats)",
                {at: [one.kl_nats for one in runs] for at, runs in chain.items()},
                0.8,
                Line(p, closed_form_kl(p), "reference", "closed\nform"),
            ),
            self._chart(
                "surnames cost {:.2f} nats a letter",
                "nats a letter, held out",
                {at: [one.nll_nats for one in runs] for at, runs in names.items()},
            ),
            self._chart(
                "{:.1f} % of the sampled names are real",
                "real names, sampled (%)",
                {at: [100 * one.real for one in runs] for at, runs in names.items()},
            ),
        )

    def _chart(
        self,
        finding: str,
        label: str,
        values: dict[float, list[float]],
        top: float | None = None,
        line: Line | None = None,
    ) -> Chart:
        x = np.array(sorted(values))
        y = np.array([np.mean(values[at]) for at in x])
        sd = np.array([np.std(values[at], ddof=1) if len(values[at]) > 1 else 0.0 for at in x])
        now = int(np.abs(x - self.sampling_prob).argmin())
        marks: list[Line | Dots] = [line] if line else []
        marks.append(Dots(x, y, "mixed", low=y - sd, high=y + sd))
        marks.append(Dots(x[[now]], y[[now]], "mixed", large=True))
        panel = Panel(
            "sampling_prob in training",
            label,
            (0, 1),
            (0, top or ceiling(float((y + sd).max()))),
            labels_px=58 if line else 14,
        )
        told = f"At {x[now]:g}, {finding.format(y[now])}"
        return Chart(
            told,
            panel,
            marks,
            f"Dot chart of {label} against sampling_prob in training, bars of one standard "
            f"deviation over seeds. At {x[now]:g} it is {y[now]:.3g}; at {x[0]:g} {y[0]:.3g}, at "
            f"{x[-1]:g} {y[-1]:.3g}.",
        )

    def picture(self) -> str:
        """Draw the charts, and list names that the model wrote."""
        at = self.names_prob
        written = ", ".join(self._on_names[at][0].samples)
        return "".join(chart.html() for chart in self.charts()) + (
            f'<p class="course-words course-wide">Sampled surnames, trained with '
            f"{at:.2f}: <i>{escape(written)}</i></p>"
        )


def when_it_hurts(prediction: str | None = None, *, state: Harm | None = None) -> LabView:
    """Open lab 5.

    Parameters
    ----------
    prediction : str, optional
        What the learner wrote down before.
    state : Harm, optional
        Other models than those that come with the course.
    """
    from course.labs import models

    state = state or models.harm()
    probs = [(f"{p:.2f}", p) for p in state.probs]
    control = chooser("sampling_prob in training (0 to 1)", probs, state.sampling_prob, 480)
    return LabView(state, {"sampling_prob": control}, prediction)
