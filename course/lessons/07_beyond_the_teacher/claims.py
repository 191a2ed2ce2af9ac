"""What this lesson claims of a right answer: see `course.checks.dashboard.claims`."""

from __future__ import annotations

from course.checks.dashboard.claims import ALL, DOCUMENTED, FLOAT32, FORGETS, LEAVES, Claim, refuses
from course.checks.dashboard.comparisons import both, kinds, numbers

_TWO_STARS = ("3 arms of 4", "2 arms of 5")
_STAR = (
    Claim(
        "returns edges, goal and path, of the right sizes",
        both(
            kinds("values", "3 arms of 4", "2 arms of 2", "1 arm of 6"),
            numbers("3 arms of 4", "2 arms of 2", "1 arm of 6"),
        ),
        "edges has arms * (length - 1) rows and two columns, path has length nodes",
    ),
    Claim(
        "all nodes have different names below labels",
        kinds("names", "3 arms of 4, 10 labels", "2 arms of 5, 9 labels"),
        "take the first names of rng.permutation(labels), one for each node, the centre once",
        "names",
    ),
    Claim(
        "the edges are arms that lead away from one centre",
        kinds("edges", *_TWO_STARS),
        "write each arm as a list that begins with the centre; its edges are the pairs of "
        "neighbours",
        "edges",
    ),
    Claim(
        "the goal ends an arm",
        kinds("goal", *_TWO_STARS),
        "it is the last node of the arm that was chosen",
        "goal",
    ),
    Claim(
        "the path leads from the centre to the goal",
        kinds("path", *_TWO_STARS),
        "it is the arm that was chosen, centre and goal in it",
        "path",
    ),
    Claim(
        "the goal is on each arm equally often",
        kinds("arms", "240 stars"),
        "choose the arm with rng.integers(arms), or leave the choice to the random names",
        "arms",
    ),
    Claim(
        "each node has each name equally often",
        kinds("labels", "240 stars"),
        "names come from all of range(labels), and in random order",
        "labels",
    ),
    Claim(
        "the edges come in random order",
        kinds("order", "240 stars"),
        "shuffle the edges of all arms together: rng.permutation(array) shuffles its rows",
        "order",
    ),
    Claim(
        "equal generators give equal stars, and rng goes on",
        kinds("seed", "two generators"),
        "draw from rng itself, and from nothing else",
        "seed",
    ),
    refuses(
        "a star that cannot be",
        "refuses",
        "9 labels for 10 nodes",
        "1 label for 2 nodes",
        "arms = 0",
        "arms = -1",
        "length = 1",
        "length = 0",
    ),
    DOCUMENTED,
)

_DIRECTIONS = ("forward", "reverse")
_STEPS = ("five steps", "one step", "two tokens")
_DISTILLATION = (
    Claim(
        "the loss is the mean of the divergence, in nats",
        numbers(*_STEPS, part=(0,)),
        "forward: p (log_p - log_q) summed over the tokens; reverse: q (log_q - log_p)",
        columns=_DIRECTIONS,
    ),
    Claim(
        "d_logits is the gradient of that mean",
        numbers(*_STEPS, "many steps", part=(1,)),
        "forward: q - p; reverse: q (log_q - log_p - KL of the row); both over the number of steps",
        columns=_DIRECTIONS,
    ),
    Claim(
        "where both say the same there is nothing to learn",
        numbers("a constant apart", aspect="equals"),
        "compare probabilities: a constant added to a row of logits changes none",
        "equals",
        _DIRECTIONS,
    ),
    Claim(
        "with no steps: 0.0, and shape (0, O)",
        numbers("no steps", aspect="empty"),
        "return before you take a mean of nothing",
        "empty",
        _DIRECTIONS,
        waits=False,
    ),
    Claim(
        "logits of 1,000 give finite, right numbers",
        numbers("six steps", aspect="huge"),
        "take log-probabilities from log_softmax, never the log of a probability",
        "huge",
        _DIRECTIONS,
    ),
    refuses(
        "another direction",
        "refuses",
        "direction = 'backward'",
        "direction = 'Forward'",
        "direction = ''",
        "direction = 'backward' without steps",
    ),
    FLOAT32._replace(look=numbers("five steps", aspect="float32"), columns=_DIRECTIONS),
    LEAVES._replace(hint="write rows = ..., never student_logits -= ...", columns=_DIRECTIONS),
    FORGETS._replace(columns=_DIRECTIONS),
    DOCUMENTED,
)

_REWARD = (
    Claim(
        "a row is -(reward - baseline) (onehot - softmax)",
        numbers("five steps", "one step", "a punishment", "two tokens, no baseline", "many steps"),
        "the softmax of the row, less 1 at the token, times reward - baseline",
        probe="five steps",
    ),
    Claim(
        "the baseline is 0.0 where none is given",
        numbers("baseline", aspect="default"),
        "leave the signature as it was, baseline=0.0",
        "default",
    ),
    Claim(
        "a reward as expected moves nothing, and one of 0 may",
        numbers("reward and baseline alike", "no reward", aspect="zero"),
        "what counts is reward - baseline, whatever the two are",
        "zero",
    ),
    Claim(
        "gives shape (0, O) for no steps",
        numbers("no steps", aspect="empty"),
        "np.arange(len(tokens)) is empty then, and nothing is written",
        "empty",
        waits=False,
    ),
    FLOAT32._replace(look=numbers("five steps", aspect="float32"), columns=ALL),
    LEAVES._replace(hint="work on the softmax, a new array, and never on logits"),
    FORGETS,
    DOCUMENTED,
)

CLAIMS: dict[str, tuple[Claim, ...]] = {
    "path_star": _STAR,
    "distillation_gradient": _DISTILLATION,
    "expected_reward_gradient": _REWARD,
}

BEGIN = {
    "path_star": "with the names: print rng.permutation(labels)[: 1 + arms * (length - 1)], and "
    "write one arm as a list that begins with the centre.",
    "distillation_gradient": "for one row: log_p and log_q with log_softmax, and print "
    "(p * (log_p - log_q)).sum().",
    "expected_reward_gradient": "with the softmax of each row, and subtract 1 at the token that "
    "was sampled.",
}
