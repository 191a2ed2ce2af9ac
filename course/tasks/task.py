r"""The sequence tasks: what is predicted from what, made here or shipped with the course.

They differ in what scheduled sampling hangs on: whether the right token at step t is still the
right one after a wrong prefix. Where the context fixes all tokens (`osc`, `ring`, `digits`,
`runs`) it is; where the truth goes on from what was emitted (`ring_process`, `momentum`,
`chain`, `names`) it is not, and to be told otherwise does harm (Huszar 2015).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from course import data
from course.engine import Batch, ModelShape, log_softmax
from course.engine.feeding import choose_tokens
from course.engine.numerics import Array, one_hot
from course.engine.training import Source

OSC_LEVELS, OSC_STEPS = 16, 30
RING, RING_STEPS, RING_SLIP = 16, 20, 0.1
RUNS, RUN_SYMBOLS, RUN_STEPS = 5, 6, 20
MOMENTUM_RING, MOMENTUM_STEPS, MOMENTUM_PULL = 8, 40, 4.0
GREYS, DIGITS_FOR_TRAINING = 4, 1400
LETTERS, NAME_STEPS, NAMES_FOR_TRAINING, NAMES_FOR_TEST = 26, 9, 4000, 1000


@dataclass(frozen=True)
class Task:
    """A source of sequences, and what there is to know of it.

    Attributes
    ----------
    name : str
        How commands and files call it.
    title : str
        One line for a reader.
    feature_dim : int
        F, what the encoder sees; 0 where there is no context.
    classes : int
        How many tokens there are.
    steps : int
        T.
    draw, draw_test : Source
        Draw training and test sequences; where the data are real, no sequence is in both.
    prefix_matters : bool
        True where the right token depends on the tokens before it, whatever the context.
    log_prob : callable, optional
        Where the truth is known: from tokens (T, N) to the log probabilities (T, O, N) of each
        token after what comes before it.
    """

    name: str
    title: str
    feature_dim: int
    classes: int
    steps: int
    draw: Source
    draw_test: Source
    prefix_matters: bool
    log_prob: Callable[[Array], Array] | None = None

    def shape(self, cell_type: str, hidden_dim: int) -> ModelShape:
        """Return the sizes of a model for this task."""
        return ModelShape(cell_type, self.feature_dim, self.classes, hidden_dim, self.classes)


def from_pool(pool: Batch) -> Source:
    """Draw from so many sequences and no others, each as likely, with repetition."""

    def draw(columns: int, rng: np.random.Generator) -> Batch:
        return pool.take(rng.integers(0, pool.tokens.shape[1], columns))

    return draw


def _draw_osc(columns: int, rng: np.random.Generator) -> Batch:
    r"""Draw :math:`y_t = A \sin(\omega t + \varphi) e^{-\gamma t}`, cut into even levels."""
    size = rng.uniform(0.5, 1.0, columns)
    frequency = rng.uniform(0.25, 0.7, columns)  # radians a step
    phase = rng.uniform(0, 2 * np.pi, columns)
    decay = rng.uniform(0, 0.03, columns)  # 1 / step
    features = np.stack(
        [
            size * np.cos(phase),
            size * np.sin(phase),
            (frequency - 0.475) * 6,
            (decay - 0.015) * 80,
        ]
    )
    t = np.arange(OSC_STEPS)[:, None]
    y = size * np.sin(frequency * t + phase) * np.exp(-decay * t)
    tokens = np.minimum(((y + 1) / 2 * OSC_LEVELS).astype(int), OSC_LEVELS - 1)
    return Batch(features.astype(np.float32), tokens)


def osc_value(tokens: Array) -> Array:
    """Return the middle of each level of `osc`, from -1 to 1."""
    return (tokens + 0.5) / OSC_LEVELS * 2 - 1


def _ring_source(slips: str) -> Source:
    """Draw walks of an even stride around a ring; `slips` are "none", "read" or "walk"."""

    def draw(columns: int, rng: np.random.Generator) -> Batch:
        start, stride = rng.integers(0, RING, columns), rng.integers(1, RING, columns)
        features = np.concatenate(
            [one_hot(start, RING, np.float32), one_hot(stride, RING, np.float32)]
        )
        path = start + np.arange(RING_STEPS)[:, None] * stride
        slip = rng.choice([-1, 1], path.shape) * (rng.random(path.shape) < RING_SLIP)
        if slips == "read":  # what is written down is off; the walker is not
            path = path + slip
        elif slips == "walk":  # the walker is off, and goes on from there
            path = path + np.cumsum(slip, axis=0)
        return Batch(features, path % RING)

    return draw


def _draw_runs(columns: int, rng: np.random.Generator) -> Batch:
    """Draw symbols with durations, each symbol to be repeated for as many frames."""
    choices = np.stack(np.meshgrid(*[np.arange(2, 6)] * RUNS), axis=-1).reshape(-1, RUNS)
    choices = choices[choices.sum(axis=1) == RUN_STEPS]
    durations = choices[rng.integers(0, len(choices), columns)].T  # (RUNS, N)
    hops = rng.integers(1, RUN_SYMBOLS, (RUNS, columns))
    hops[0] = rng.integers(0, RUN_SYMBOLS, columns)
    symbols = np.cumsum(hops, axis=0) % RUN_SYMBOLS  # neighbours differ
    features = np.concatenate(
        [
            one_hot(symbols, RUN_SYMBOLS, np.float32).reshape(-1, columns),
            one_hot(durations - 2, 4, np.float32).reshape(-1, columns),
        ]
    )
    ends = np.cumsum(durations, axis=0)
    run = (np.arange(RUN_STEPS)[:, None, None] >= ends[None, :-1]).sum(axis=1)  # (T, N)
    return Batch(features, np.take_along_axis(symbols, run, axis=0))


def momentum_log_prob(tokens: Array) -> Array:
    r"""Return the truth of `momentum`, (T, O, N), after any prefix of tokens (T, N).

    .. math:: P(x \mid a, b) \propto \exp(4 \cos(2 \pi (x - (2 b - a)) / 8))

    with a and b the two tokens before: the walk goes on as it went. The first token is any, and
    the second as if the two before had been the same.
    """
    T, N = tokens.shape
    before = np.concatenate([np.zeros((1, N), int), tokens[:-1]])
    before_that = np.concatenate([before[:1], before[1:2], tokens[:-2]])[:T]
    ahead = 2 * before - before_that
    angle = 2 * np.pi * (np.arange(MOMENTUM_RING)[:, None] - ahead[:, None]) / MOMENTUM_RING
    logits = MOMENTUM_PULL * np.cos(angle)
    logits[:1] = 0
    return log_softmax(logits)


def _draw_momentum(columns: int, rng: np.random.Generator) -> Batch:
    tokens = np.zeros((MOMENTUM_STEPS, columns), int)
    lots = rng.random((MOMENTUM_STEPS, columns))
    for t in range(MOMENTUM_STEPS):
        tokens[t] = choose_tokens(momentum_log_prob(tokens[max(t - 2, 0) : t + 1])[-1], lots[t])
    return Batch(np.zeros((0, columns), np.float32), tokens)


def chain_source(probability_of_one: float) -> Source:
    """Draw pairs of equal tokens: 1, 1 with this probability, else 0, 0 (Huszar 2015)."""

    def draw(columns: int, rng: np.random.Generator) -> Batch:
        first = (rng.random(columns) < probability_of_one).astype(int)
        return Batch(np.zeros((0, columns), np.float32), np.stack([first, first]))

    return draw


@cache
def _digits() -> tuple[Batch, Batch]:
    """Read the digits: the upper half as context, the lower half, row by row, as tokens."""
    pixels = data.digits().T
    features = (pixels[:32] / 16 - 0.5).astype(np.float32)
    whole = Batch(features, pixels[32:].astype(int) * GREYS // 17)
    order = np.random.default_rng(0).permutation(pixels.shape[1])  # the same split for all
    return whole.take(order[:DIGITS_FOR_TRAINING]), whole.take(order[DIGITS_FOR_TRAINING:])


@cache
def real_surnames() -> tuple[str, ...]:
    """Return the surnames of three to eight letters, most common first."""
    return tuple(name for name in data.surnames() if 3 <= len(name) <= 8 and name.isalpha())


def spell(tokens: Array) -> list[str]:
    """Return what `names` tokens (T, N) read: letters up to the first end mark."""
    read = ["".join(chr(ord("a") - 1 + k) if k else "." for k in one) for one in tokens.T.tolist()]
    return [name.partition(".")[0] for name in read]


def spelled(names: list[str] | tuple[str, ...]) -> Batch:
    """Return names as tokens (T, N): 1 to 26 for the letters, 0 for the end; masked after it."""
    tokens = np.zeros((NAME_STEPS, len(names)), int)
    mask = np.zeros((NAME_STEPS, len(names)), np.float32)
    for n, name in enumerate(names):
        tokens[: len(name), n] = [ord(letter) - ord("a") + 1 for letter in name]
        mask[: len(name) + 1, n] = 1
    return Batch(np.zeros((0, len(names)), np.float32), tokens, mask)


@cache
def _names() -> tuple[Batch, Batch]:
    listed = real_surnames()
    order = np.random.default_rng(0).permutation(len(listed))
    chosen = [listed[k] for k in order[: NAMES_FOR_TRAINING + NAMES_FOR_TEST]]
    return spelled(chosen[:NAMES_FOR_TRAINING]), spelled(chosen[NAMES_FOR_TRAINING:])


def _of_data(read: Callable[[], tuple[Batch, Batch]], part: int) -> Source:
    """Read the data when they are first drawn from, not when the module is imported."""
    return lambda columns, rng: from_pool(read()[part])(columns, rng)


def _made(
    name: str,
    title: str,
    sizes: tuple[int, int, int],
    draw: Source,
    prefix_matters: bool,
    log_prob: Callable[[Array], Array] | None = None,
) -> Task:
    """Put together a task whose sequences are drawn anew each time; `sizes` are F, O and T."""
    return Task(name, title, *sizes, draw, draw, prefix_matters, log_prob)


OSC = _made(
    "osc",
    "Damped oscillation from its amplitude, frequency, phase and decay",
    (4, OSC_LEVELS, OSC_STEPS),
    _draw_osc,
    prefix_matters=False,
)
RING_SIZES = (2 * RING, RING, RING_STEPS)
RING_EXACT = _made(
    "ring",
    "Steps around a ring, from start and stride",
    RING_SIZES,
    _ring_source("none"),
    prefix_matters=False,
)
RING_MEASURED = _made(
    "ring_measured",
    "Steps around a ring, one reading in ten off by one",
    RING_SIZES,
    _ring_source("read"),
    prefix_matters=False,
)
RING_PROCESS = _made(
    "ring_process",
    "Steps around a ring, one in ten off by one for good",
    RING_SIZES,
    _ring_source("walk"),
    prefix_matters=True,
)
RUNS_OF_FRAMES = _made(
    "runs",
    "Frames from symbols and durations",
    (RUNS * (RUN_SYMBOLS + 4), RUN_SYMBOLS, RUN_STEPS),
    _draw_runs,
    prefix_matters=False,
)
MOMENTUM = _made(
    "momentum",
    "A random walk around a ring that tends to go on as it went",
    (0, MOMENTUM_RING, MOMENTUM_STEPS),
    _draw_momentum,
    prefix_matters=True,
    log_prob=momentum_log_prob,
)
CHAIN = _made(
    "chain",
    "Two tokens, the second the same as the first",
    (0, 2, 2),
    chain_source(0.5),
    prefix_matters=True,
)
DIGITS = Task(
    "digits",
    "The lower half of a handwritten digit from its upper half",
    feature_dim=32,
    classes=GREYS,
    steps=32,
    draw=_of_data(_digits, 0),
    draw_test=_of_data(_digits, 1),
    prefix_matters=False,
)
NAMES = Task(
    "names",
    "Surnames of the United States, letter by letter",
    feature_dim=0,
    classes=LETTERS + 1,
    steps=NAME_STEPS,
    draw=_of_data(_names, 0),
    draw_test=_of_data(_names, 1),
    prefix_matters=True,
)
TASKS = {
    task.name: task
    for task in (
        OSC,
        RING_EXACT,
        RING_MEASURED,
        RING_PROCESS,
        RUNS_OF_FRAMES,
        DIGITS,
        MOMENTUM,
        CHAIN,
        NAMES,
    )
}


#: The seed of the sequences that every model of a task is measured on.
HELD_OUT_SEED = 2015


def held_out(task: Task, columns: int) -> Batch:
    """Return test sequences, the same at every call: so many, or all that there are.

    Parameters
    ----------
    task : Task
    columns : int
        N. Where the data are real there may be fewer, and each comes once.
    """
    pools = {"digits": _digits, "names": _names}
    if task.name in pools:
        test = pools[task.name]()[1]
        return test.take(np.arange(min(columns, test.tokens.shape[1])))
    return task.draw_test(columns, np.random.default_rng(HELD_OUT_SEED))


def find_task(name: str) -> Task:
    """Return the task of this name.

    Raises
    ------
    ValueError
        Where there is none; the message lists them.
    """
    if name not in TASKS:
        raise ValueError(f"there is no task {name!r}; there are: {', '.join(TASKS)}")
    return TASKS[name]
