"""What this lesson claims of a right answer: see `course.checks.dashboard.claims`."""

from __future__ import annotations

from course.checks.cells.examples import CELL_TYPES
from course.checks.dashboard.claims import (
    DEFAULT,
    DOCUMENTED,
    EMPTY,
    EQUALS,
    FIRST,
    FLOAT32,
    FORGETS,
    LARGE,
    LEAVES,
    SINGLE,
    STEPS,
    UNKNOWN,
    ZEROS,
    Claim,
    refuses,
)
from course.checks.dashboard.comparisons import (
    coins,
    ends,
    numbers,
    one_of_two,
    schedule_table,
    usable,
)

_SCHEDULED_SAMPLING = (
    STEPS._replace(look=usable("p = 0"), probe="p = 0"),
    Claim(
        "sampling_prob = 0 is teacher forcing",
        numbers("p = 0", "four steps"),  # what is drawn first, so that it is what is told
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
    EQUALS,
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
        "toss a coin at every step t > 0, and compare it with sampling_prob itself",
        "coins",
    ),
    Claim(
        "no coin knows of another",
        coins(together=True),
        "toss a new coin at each step of each call, from a generator that is not seeded",
        "coins",
    ),
    SINGLE,
    ZEROS,
    LARGE,
    EMPTY,
    FLOAT32._replace(look=numbers("five steps", aspect="float32")),
    LEAVES._replace(columns=CELL_TYPES),
    FORGETS._replace(sentence="at 0 it remembers nothing between calls", columns=CELL_TYPES),
    DEFAULT,
    refuses("an unknown cell_type", "refuses cell", *UNKNOWN),
    refuses(
        "a bad sampling_prob",
        "refuses",
        *(f"sampling_prob = {p}" for p in (-0.1, 1.1, float("nan"))),
        *(f"sampling_prob = 1.5 with T = {T}" for T in (0, 1)),
    ),
    DOCUMENTED,
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
        "c and eps_min are 0 where they are left out",
        numbers("with k alone", aspect="default"),
        "leave the signature as it was, c=0.0, eps_min=0.0",
        "default",
        ("linear",),
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
        "step 1,000,000 neither overflows nor warns",
        numbers("far", aspect="far"),
        "exp(x) overflows above 709: rearrange the formula, or limit x",
        "far",
        ("exponential", "inverse_sigmoid"),
    ),
    refuses("an unknown schedule", "refuses", "an unknown schedule"),
    DOCUMENTED,
)


CLAIMS: dict[str, tuple[Claim, ...]] = {
    "decoder_forward_scheduled_sampling": _SCHEDULED_SAMPLING,
    "scheduled_sampling_prob": _SCHEDULES,
}

CURVES = {
    "scheduled_sampling_prob": ("training step", "sampling_prob"),
}

BEGIN = {
    "decoder_forward_scheduled_sampling": "take the loop of teacher forcing. Only the line that "
    "chooses the input of step t > 0 changes: an if, and a coin.",
    "scheduled_sampling_prob": "for 'linear' alone: compute epsilon, clip it to [0, 1], and return "
    "1 - epsilon as a float.",
}
