"""What this lesson claims of a right answer: see `course.checks.dashboard.claims`."""

from __future__ import annotations

from course.checks.cells.examples import CELL_TYPES
from course.checks.dashboard.claims import (
    ALL,
    DEFAULT,
    DOCUMENTED,
    EMPTY,
    EQUALS,
    FLOAT32,
    FORGETS,
    LARGE,
    LEAVES,
    SINGLE,
    STEP_0,
    STEPS,
    UNKNOWN,
    Claim,
    refuses,
)
from course.checks.dashboard.comparisons import (
    both,
    numbers,
    usable,
)

_FREE_RUNNING = (
    STEPS._replace(sentence="gives logits of shape (seq_len, O)"),
    STEP_0,
    Claim(
        "each later step is fed the model's own token",
        both(numbers("four steps", "eight steps"), numbers("many steps", aspect="long")),
        "the input of step t is the one-hot vector of argmax(logits[t-1]), and the state of step "
        "t-1 is carried on",
        columns=CELL_TYPES,
        probe="eight steps",
    ),
    EQUALS,
    SINGLE,
    LARGE._replace(look=numbers("one step", "eight steps", aspect="large")),
    EMPTY,
    FLOAT32._replace(look=numbers("eight steps", aspect="float32")),
    LEAVES._replace(columns=CELL_TYPES),
    FORGETS._replace(columns=CELL_TYPES),
    DEFAULT,
    refuses("an unknown cell_type", "refuses", *UNKNOWN),
    DOCUMENTED,
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
        numbers("six steps", "two rows", aspect="huge"),
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
    FLOAT32._replace(look=numbers("seven steps", aspect="float32"), columns=ALL),
    LEAVES._replace(hint="write shifted = logits - ..., never logits -= ..."),
    FORGETS,
    DOCUMENTED,
)


CLAIMS: dict[str, tuple[Claim, ...]] = {
    "decoder_forward_free_running": _FREE_RUNNING,
    "divergence_by_step": _DIVERGENCE,
}

CURVES = {
    "divergence_by_step": ("step t", "divergence (nats)"),
}

BEGIN = {
    "decoder_forward_free_running": "take the loop of teacher forcing, with range(seq_len). Only "
    "the input of step t > 0 changes: it comes from the row before.",
    "divergence_by_step": "for one of the two arrays: subtract each row's largest logit, then make "
    "log-probabilities, and see that each row of their exp sums to 1.",
}
