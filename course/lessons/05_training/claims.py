"""What this lesson claims of a right answer: see `course.checks.dashboard.claims`."""

from __future__ import annotations

from course.checks.dashboard.claims import ALL, DOCUMENTED, FLOAT32, FORGETS, LEAVES, Claim, refuses
from course.checks.dashboard.comparisons import kinds, numbers

_LOSS_PROBES = ("seven steps", "two tokens", "one step")
_LOSS = (
    Claim(
        "the loss is the mean of -log p(true token), in nats",
        numbers(*_LOSS_PROBES, part=(0,)),
        "log-probabilities at [t, tokens[t]], their mean, and a minus sign",
    ),
    Claim(
        "d_logits is the gradient of that mean",
        numbers(*_LOSS_PROBES, part=(1,)),
        "a row is the softmax of its logits, less 1 at the true token, over the number of steps",
    ),
    Claim(
        "positions with mask 0 do not count",
        numbers("some count", "the last counts", "all count", aspect="mask"),
        "take the mean over the positions that count, and leave the rows of the others at 0",
        "mask",
    ),
    Claim(
        "what stands at such positions is ignored",
        numbers("others are no tokens", aspect="mask"),
        "look at logits and tokens of the positions that count, and at no others",
        "mask",
    ),
    Claim(
        "where nothing counts: 0.0 and zeros",
        numbers("nothing counts", "no steps", aspect="empty"),
        "divide by the number of positions that count only where there are some",
        "empty",
        waits=False,
    ),
    Claim(
        "logits of 10,000 give finite, right numbers",
        numbers("six steps", aspect="huge"),
        "make log-probabilities from the logits less each row's largest one, with no probability "
        "on the way: shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))",
        "huge",
    ),
    refuses("a token outside 0..O-1 that counts", "refuses", "token O", "token -1", "token 9"),
    FLOAT32._replace(look=numbers("seven steps", aspect="float32"), columns=ALL),
    LEAVES._replace(hint="write shifted = logits - ..., never logits -= ..."),
    FORGETS,
    DOCUMENTED,
)

_STEPS = ("one step", "two steps", "one unit", "six steps")


def _gradient(key: str, hint: str) -> Claim:
    return Claim(f"the gradient of {key} is right", numbers(*_STEPS, part=(0, key)), hint)


_BACKWARD = (
    _gradient("W_hy", "add up np.outer(d_logits[t], h[t + 1]): the state after step t"),
    _gradient("b_y", "add up d_logits over the steps"),
    _gradient("b_xh", "d_a = d_h * (1 - h[t + 1] ** 2); add it up over the steps"),
    _gradient("b_hh", "both biases are added to the same sum, so both get the same gradient"),
    _gradient("W_xh", "add up np.outer(d_a, fed[t])"),
    _gradient("W_hh", "add up np.outer(d_a, h[t]): the state before step t"),
    _gradient("x_start", "W_xh.T @ d_a, of step 0 alone"),
    Claim(
        "d_context is the gradient by the context",
        numbers(*_STEPS, part=(1,)),
        "what step 0 hands on to the state before it: W_hh.T @ d_a",
    ),
    Claim(
        "a loss at the last step alone reaches all steps",
        numbers("the last step alone", "many steps"),
        "carry d_h from step to step; nothing is cut off",
    ),
    Claim(
        "nothing flows back from steps without a loss",
        numbers("the first steps alone"),
        "d_h begins as zeros, and gets W_hy.T @ d_logits[t] at each step",
    ),
    Claim(
        "with no steps all gradients are zeros",
        numbers("no steps", aspect="empty"),
        "make the dict of zeros before the loop",
        "empty",
        waits=False,
    ),
    FLOAT32._replace(columns=ALL),
    LEAVES,
    FORGETS,
    DOCUMENTED,
)

_CHECK = (
    Claim(
        "a right gradient has an error of 0",
        numbers("right ones"),
        "(loss(one parameter + step) - loss(the same - step)) / (2 * step), element by element; "
        "then ||numeric - analytic|| over the sum of both norms",
    ),
    Claim(
        "the error is ||numeric - analytic|| / (||numeric|| + ||analytic||)",
        numbers(
            "one twice as large",
            "one with the wrong sign",
            "of a small loss",
            "gradients of a decoder",
        ),
        "np.linalg.norm of each array as a whole, one number for each key",
    ),
    Claim(
        "one wrong element, or 1 %, is seen",
        numbers("one element", "all larger by 1 %"),
        "move every element of every array, one at a time",
    ),
    Claim(
        "the differences are central, of the step that is given",
        numbers("one half", "a fifth, of a decoder"),
        "move to both sides by step, and divide by 2 * step",
    ),
    Claim(
        "the error is 0.0 where both are zero",
        numbers("unused", aspect="zero"),
        "0 / 0 is no number: divide only where there is something to divide by",
        "zero",
    ),
    FLOAT32._replace(look=numbers("two arrays", aspect="float32"), columns=ALL),
    LEAVES._replace(
        sentence="params are afterwards as they were, to the bit",
        hint="work on a copy, or keep the old value and put it back; p + step - step is not p",
    ),
    Claim(
        "they are so too where loss raises",
        kinds("ends", "loss raises", changed="params were left changed"),
        "put the value back in a `finally:`, or move a copy",
        "ends",
        waits=False,
    ),
    DOCUMENTED,
)

_BATCH_PROBES = ("three sequences", "end mark 4", "its index among the tokens")
_BATCH = (
    Claim(
        "targets: the sequence, the end mark, padding",
        numbers(*_BATCH_PROBES, part=(1,)),
        "begin with rows of end marks, and write each sequence into the front of its row",
    ),
    Claim(
        "inputs: -1, then the targets shifted by one",
        numbers(*_BATCH_PROBES, part=(0,)),
        "inputs[:, 1:] = targets[:, :-1], behind a column of -1",
    ),
    Claim(
        "the mask is 1 up to and including the end mark",
        numbers(*_BATCH_PROBES, part=(2,)),
        "a sequence of n tokens has n + 1 positions that count",
    ),
    Claim(
        "what is too long is cut, and has no end mark",
        numbers("as long as there is room", "longer", "length = 1", aspect="long"),
        "keep sequence[:length]; where it fills the row all positions count",
        "long",
    ),
    Claim(
        "empty sequences, and no sequences, are fine",
        numbers("an empty sequence", "no sequences", aspect="empty"),
        "an empty sequence is an end mark alone; no sequences give arrays of (0, length)",
        "empty",
        waits=False,
    ),
    refuses("a length below 1", "refuses", "length = 0", "length = -1"),
    LEAVES._replace(hint="append and pop change the list that came in: slice it instead"),
    DOCUMENTED,
)

_TRAINING = (
    Claim(
        "the loss is that before the step",
        numbers("p = 0", "p = 0, one step", part=(1,)),
        "run, compare with the true tokens, and return that number",
    ),
    Claim(
        "sampling_prob = 0 is a step under teacher forcing",
        numbers("p = 0", "p = 0, one step", "p = 0, small rate"),
        "array - learning_rate * gradient for each of the seven; do the claims about your loss and "
        "your way back hold?",
    ),
    Claim(
        "sampling_prob = 1 feeds the model's own tokens",
        numbers("p = 1", "p = 1, ten steps", aspect="own"),
        "hand sampling_prob to run_decoder, and to the way back what was fed; the loss asks for "
        "the true tokens all the same",
        "own",
    ),
    Claim(
        "in between, each step tosses a coin of its own",
        kinds("own", "p = 0.5"),
        "of two coins there are four outcomes, and so four results: run the decoder once, with "
        "sampling_prob and rng as they came",
        "own",
    ),
    Claim(
        "learning_rate = 0 moves nothing",
        numbers("learning_rate = 0", aspect="rate"),
        "learning_rate multiplies every gradient",
        "rate",
    ),
    Claim(
        "no tokens: loss 0.0 and equal parameters",
        numbers("no tokens", aspect="empty"),
        "your loss and your way back give 0.0 and zeros for T = 0: use them",
        "empty",
        waits=False,
    ),
    FLOAT32._replace(look=numbers("p = 0", aspect="float32"), columns=ALL),
    LEAVES._replace(hint="write new = old - ..., never old -= ..."),
    FORGETS._replace(sentence="at 0 it remembers nothing between calls"),
    refuses(
        "a bad sampling_prob",
        "refuses",
        *(f"sampling_prob = {p}" for p in (-0.1, 1.1, float("nan"), "1.5 without tokens")),
    ),
    DOCUMENTED,
)

_SEEDS = ("five seeds", "two seeds", "twelve seeds", "seeds of different hardness")
_INTERVAL = (
    Claim(
        "the first value is the mean of b - a",
        numbers(*_SEEDS, part=(0,)),
        "take the differences seed by seed, b less a, then their mean",
    ),
    Claim(
        "the second is half Student's 95 % interval of them",
        numbers(*_SEEDS, part=(1,)),
        "t_quantile(n - 1) times the standard deviation (ddof=1) over sqrt(n)",
    ),
    Claim(
        "one seed gives its difference, and infinity",
        numbers("one seed", aspect="single"),
        "with n = 1 there is no spread to speak of: return float('inf')",
        "single",
        waits=False,
    ),
    refuses(
        "what does not pair",
        "refuses",
        "a of 2, b of 1",
        "a of 1, b of 3",
        "a of 2, b of 3",
        "no seeds",
    ),
    LEAVES._replace(hint="make new lists or arrays of what came in"),
    FORGETS,
    DOCUMENTED,
)

CLAIMS: dict[str, tuple[Claim, ...]] = {
    "cross_entropy_and_gradient": _LOSS,
    "rnn_decoder_backward": _BACKWARD,
    "gradient_check": _CHECK,
    "batch_of_sequences": _BATCH,
    "training_step": _TRAINING,
    "paired_interval": _INTERVAL,
}

BEGIN = {
    "cross_entropy_and_gradient": "for one row without a mask: subtract the largest logit, make "
    "log-probabilities, and read the one of the true token.",
    "rnn_decoder_backward": "for T = 1: d_h = W_hy.T @ d_logits[0], then d_a, then each gradient "
    "from d_a; print them beside the table worked out by hand.",
    "gradient_check": "for one element of one array: copy the array, move that element to either "
    "side, and divide the change of the loss by 2 * step.",
    "batch_of_sequences": "with np.full((N, length), end), and write one sequence into its row.",
    "training_step": "call run_decoder, then your loss, then your way back, and print the loss.",
    "paired_interval": "make the list of differences, and print its mean.",
}
