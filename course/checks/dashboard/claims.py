"""What each exercise claims of a right answer, in the order in which a learner mends it.

A new exercise is a new entry of `CLAIMS` and of `BEGIN`.
"""

from __future__ import annotations

from typing import NamedTuple

from course.checks.cells.examples import CELL_TYPES
from course.checks.dashboard.comparisons import (
    Look,
    both,
    changed,
    coins,
    docstring,
    ends,
    kinds,
    numbers,
    one_of_two,
    schedule_table,
    usable,
)

ALL = ("",)

FIRST = "first"


class Claim(NamedTuple):
    """One row of the table.

    Attributes
    ----------
    sentence : str
        What a right answer does.
    look : callable
        Finds what is wrong.
    hint : str
        Where to look, when the mistake is none of the known ones.
    aspect : str
        Which of the probes' aspects it is about.
    columns : tuple of str
        Cell types or schedules that it is asked of.
    probe : str
        The probe whose numbers are drawn; `FIRST` for the first of the column.
    waits : bool
        True where it means nothing before the claims above hold in its column.
    """

    sentence: str
    look: Look
    hint: str
    aspect: str = "values"
    columns: tuple[str, ...] = ALL
    probe: str = ""
    waits: bool = True


_LEAVES = Claim(
    "leaves its arguments as they were",
    changed,
    "write h = ..., never h += ... or x[...] = ..., on what came in as an argument",
    "keeps",
    waits=False,
)
_FORGETS = Claim(
    "remembers nothing between calls",
    kinds(
        "forgets",
        "calls",
        never="equal calls gave different results, whatever came before",
        remembers="the same call gave another result the second time",
        repeats="other numbers of the same shape gave the result of the first call",
        overwrites="a second call changed the result of the first",
    ),
    "start from the arguments in every call; keep nothing in global names or default values",
    "forgets",
    waits=False,
)
_FLOAT32 = Claim(
    "takes float32 as well",
    numbers("six steps", aspect="float32"),
    "make no demand on dtype, and keep the precision of float32",
    "float32",
    CELL_TYPES,
)
_LARGE = Claim(
    "is right for large numbers too",
    numbers("four steps", aspect="large"),
    "np.exp overflows above 709; np.tanh never does, nor does the sigmoid that is given",
    "large",
    CELL_TYPES,
)
_SINGLE = Claim(
    "gives shape (1, O) for one step",
    numbers("one step", aspect="single"),
    "return the array of (T, O) as it was made: squeeze, or an index, takes an axis away",
    "single",
    CELL_TYPES,
)
_ZEROS = Claim(
    "feeds a row of zeros like any other",
    numbers("five steps", aspect="zeros"),
    "rows are vectors of any values: one of zeros ends nothing, and nothing takes its place",
    "zeros",
    CELL_TYPES,
)
_EQUALS = Claim(
    "of several equal logits it takes the first",
    numbers("four steps", aspect="equals"),
    "np.argmax takes the first of equals: look at one row with it, and at nothing else",
    "equals",
    CELL_TYPES,
)
_DEFAULT = Claim(
    "the cell is an 'rnn' where none is named",
    numbers("cell_type", aspect="default"),
    "leave the signature as it was, cell_type='rnn'",
    "default",
)
_EMPTY = Claim(
    "gives shape (0, O) for no steps",
    usable("no steps", aspect="empty"),
    "make the result with np.zeros((T, O)) before the loop, and take no row before t = 0 exists",
    "empty",
    CELL_TYPES,
    waits=False,
)
_DOCUMENTED = Claim(
    "its docstring begins with its role in training",
    docstring,
    "say in your own words what training would lack without it",
    "docstring",
    waits=False,
)


def _refuses(what: str, aspect: str, *probes: str) -> Claim:
    look = kinds(aspect, *probes, accepted="{0} was accepted")
    return Claim(
        f"{what} raises ValueError", look, "raise ValueError(...) early", aspect, waits=False
    )


_UNKNOWN = (
    "unknown cell_type",
    "unknown cell_type, weights of lstm",
    "unknown cell_type, weights of gru",
)


def _of_cell(outputs: str) -> tuple[Claim, ...]:
    formula = "check the formula, the order of the gates, and that both biases are added"
    return (
        Claim(
            f"gives {outputs} of shape (H,)", usable("small"), f"return {outputs}", probe="small"
        ),
        Claim("agrees on a small example", numbers("small"), formula, probe="small"),
        Claim(
            "agrees for other sizes",
            numbers("wide", "narrow", "one unit"),
            "cut the rows into blocks of H = len(h_prev), not of a fixed number",
            probe="wide",
        ),
        _LARGE._replace(look=numbers("large sums", aspect="large"), columns=ALL),
        _LEAVES,
        _FORGETS,
        _DOCUMENTED,
    )


_TEACHER_FORCING = (
    Claim(
        "gives logits of shape (T, O)",
        usable("four steps"),
        "one row for every step: W_hy @ h + b_y",
        columns=CELL_TYPES,
        probe="four steps",
    ),
    Claim(
        "step 0 is fed x_start, from the context",
        numbers("four steps", rows=1),
        "before the loop h is context_vector; in it the input of t = 0 is x_start",
        columns=CELL_TYPES,
        probe="four steps",
    ),
    Claim(
        "each later step is fed the true token before",
        numbers("four steps"),
        "the input of step t is target_seq[t-1], and the state of step t-1 is carried on",
        columns=CELL_TYPES,
        probe="four steps",
    ),
    Claim(
        "agrees for other sizes and real values",
        both(numbers("six steps"), numbers("many steps", aspect="long")),
        "T, I, H and O all differ here: take each from the array that has it",
        columns=CELL_TYPES,
        probe="six steps",
    ),
    _SINGLE,
    _ZEROS,
    _LARGE,
    _EMPTY,
    _FLOAT32,
    _LEAVES._replace(columns=CELL_TYPES),
    _FORGETS._replace(columns=CELL_TYPES),
    _DEFAULT,
    _refuses("an unknown cell_type", "refuses", *_UNKNOWN),
    _DOCUMENTED,
)

_SCHEDULED_SAMPLING = (
    _TEACHER_FORCING[0]._replace(look=usable("p = 0"), probe="p = 0"),
    Claim(
        "sampling_prob = 0 is teacher forcing",
        numbers("four steps", "p = 0"),
        "with probability 0 the model's token is never fed: compare rng.random() < sampling_prob",
        columns=CELL_TYPES,
        probe="p = 0",
    ),
    Claim(
        "sampling_prob = 1 is free running",
        numbers("p = 1"),
        "with probability 1 the input is always the one-hot vector of argmax(logits[t-1])",
        columns=CELL_TYPES,
        probe="p = 1",
    ),
    _EQUALS,
    Claim(
        "at 0 and at 1 it never fails, in 1,000 steps",
        ends,
        "compare rng.random() < sampling_prob: random() can be 0, but never 1",
        "coins",
        ("rnn",),
    ),
    Claim(
        "in between each input is one of the two",
        one_of_two,
        "a coin chooses one of two vectors; it does not mix them",
        "coins",
        CELL_TYPES,
    ),
    Claim(
        "the model's token comes with sampling_prob",
        coins(together=False),
        "throw a coin at every step t > 0, and compare it with sampling_prob itself",
        "coins",
    ),
    Claim(
        "no coin knows of another",
        coins(together=True),
        "throw a new coin at each step of each call, from a generator that is not seeded",
        "coins",
    ),
    _SINGLE,
    _ZEROS,
    _LARGE,
    _EMPTY,
    _FLOAT32._replace(look=numbers("five steps", aspect="float32")),
    _LEAVES._replace(columns=CELL_TYPES),
    _FORGETS._replace(columns=CELL_TYPES),
    _DEFAULT,
    _refuses("an unknown cell_type", "refuses cell", *_UNKNOWN),
    _refuses(
        "a bad sampling_prob",
        "refuses",
        *(f"sampling_prob = {p}" for p in (-0.1, 1.1, float("nan"))),
        *(f"sampling_prob = 1.5 with T = {T}" for T in (0, 1)),
    ),
    _DOCUMENTED,
)

_SCHEDULE_PROBES = {
    "linear": ("from one", "with a floor"),
    "exponential": ("slow", "fast"),
    "inverse_sigmoid": ("slow", "fast"),
}
_SCHEDULES = (
    Claim(
        "gives one minus the paper's epsilon",
        lambda answer, column: (
            numbers(*_SCHEDULE_PROBES[column])(answer, column) or schedule_table(answer, column)
        ),
        "epsilon is the probability of the truth, sampling_prob that of the model's own token",
        columns=("linear", "exponential", "inverse_sigmoid"),
        probe=FIRST,
    ),
    Claim(
        "epsilon is clipped to [0, 1]",
        numbers("from above one", aspect="clips"),
        "clip epsilon with min(max(epsilon, 0), 1)",
        "clips",
        ("linear",),
    ),
    Claim(
        "c and eps_min change 'linear' alone",
        numbers("floor for linear", aspect="floor"),
        "use c and eps_min in the branch of 'linear', and nowhere else",
        "floor",
        ("exponential", "inverse_sigmoid"),
    ),
    Claim(
        "step 1,000,000 does not overflow",
        numbers("far", aspect="far"),
        "exp(x) overflows above 709: rearrange the formula, or limit x",
        "far",
        ("exponential", "inverse_sigmoid"),
    ),
    _refuses("an unknown schedule", "refuses", "unknown"),
    _DOCUMENTED,
)

_FREE_RUNNING = (
    _TEACHER_FORCING[0]._replace(sentence="gives logits of shape (seq_len, O)"),
    _TEACHER_FORCING[1],
    Claim(
        "each later step is fed the model's own token",
        both(numbers("eight steps", "four steps"), numbers("many steps", aspect="long")),
        "the input of step t is the one-hot vector of argmax(logits[t-1]), and the state of step "
        "t-1 is carried on",
        columns=CELL_TYPES,
        probe="eight steps",
    ),
    _EQUALS,
    _SINGLE,
    _LARGE._replace(look=numbers("one step", aspect="large")),
    _EMPTY,
    _FLOAT32._replace(look=numbers("eight steps", aspect="float32")),
    _LEAVES._replace(columns=CELL_TYPES),
    _FORGETS._replace(columns=CELL_TYPES),
    _DEFAULT,
    _refuses("an unknown cell_type", "refuses", *_UNKNOWN),
    _DOCUMENTED,
)

_DIVERGENCE = (
    Claim(
        "gives one number for each step, shape (T,)",
        usable("seven steps"),
        "sum over the tokens, axis=1, and keep the steps apart",
        probe="seven steps",
    ),
    Claim(
        "each number is KL(true || own) in nats",
        numbers("seven steps", "two tokens", "one step"),
        "sum p * (log p - log q) over each row; p and q are the softmax of the two rows",
        probe="seven steps",
    ),
    Claim(
        "is 0 for equal predictions",
        numbers("five steps", aspect="equal"),
        "p * (log p - log q) is 0 where p and q are equal",
        "equal",
    ),
    Claim(
        "logits of 1000 give finite, right numbers",
        numbers("six steps", aspect="huge"),
        "subtract each row's largest logit, and make log-probabilities without the detour over "
        "probabilities",
        "huge",
    ),
    Claim(
        "counts the terms of small probabilities too",
        numbers("six steps", aspect="sharp"),
        "each token has its term, p * (log p - log q), however small p is",
        "sharp",
    ),
    Claim(
        "gives shape (0,) for no steps",
        usable("no steps", aspect="empty"),
        "take maxima and sums along axis=1: of no rows there are none, and that is fine",
        "empty",
        waits=False,
    ),
    _FLOAT32._replace(look=numbers("seven steps", aspect="float32"), columns=ALL),
    _LEAVES._replace(hint="write shifted = logits - ..., never logits -= ..."),
    _FORGETS,
    _DOCUMENTED,
)
CLAIMS: dict[str, tuple[Claim, ...]] = {
    "rnn_cell_step": _of_cell("an array h"),
    "lstm_cell_step": _of_cell("two arrays (h, c)"),
    "gru_cell_step": _of_cell("an array h"),
    "decoder_forward_teacher_forcing": _TEACHER_FORCING,
    "decoder_forward_scheduled_sampling": _SCHEDULED_SAMPLING,
    "scheduled_sampling_prob": _SCHEDULES,
    "decoder_forward_free_running": _FREE_RUNNING,
    "divergence_by_step": _DIVERGENCE,
}

#: What is drawn as a curve, not as rows: what its two axes are.
CURVES = {
    "scheduled_sampling_prob": ("training step", "sampling_prob"),
    "divergence_by_step": ("step t", "divergence (nats)"),
}

#: Where to begin, said before anything is written.
BEGIN = {
    "rnn_cell_step": "compute a = W_xh @ x_t + b_xh and u = W_hh @ h_prev + b_hh, and print their "
    "shapes; the new state is made of their sum.",
    "lstm_cell_step": "compute a + u, of 4 * H rows, and cut it into four blocks i, f, g, o with "
    "np.split; print the shape of one.",
    "gru_cell_step": "compute a and u, of 3 * H rows each, and cut each into r, z, n by np.split; "
    "keep a and u apart, for n needs them so.",
    "decoder_forward_teacher_forcing": "for 'rnn' alone: h = context_vector, feed x_start, and "
    "return the first row W_hy @ h + b_y. Then loop.",
    "decoder_forward_scheduled_sampling": "take the loop of teacher forcing. Only the line that "
    "chooses the input of step t > 0 changes: an if, and a coin.",
    "scheduled_sampling_prob": "for 'linear' alone: compute epsilon, clip it to [0, 1], and return "
    "1 - epsilon as a float.",
    "decoder_forward_free_running": "take the loop of teacher forcing, with range(seq_len). Only "
    "the input of step t > 0 changes: it comes from the row before.",
    "divergence_by_step": "for one of the two arrays: subtract each row's largest logit, then make "
    "log-probabilities, and see that each row of their exp sums to 1.",
}
