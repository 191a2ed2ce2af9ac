"""What this lesson claims of a right answer: see `course.checks.dashboard.claims`."""

from __future__ import annotations

from collections.abc import Mapping

from course.checks.dashboard.claims import ALL, DOCUMENTED, FLOAT32, FORGETS, LEAVES, Claim, refuses
from course.checks.dashboard.comparisons import Look, kinds, numbers, of_probe
from course.checks.known.answer import Answer
from course.checks.known.features import is_raised

_ATTENTION = (
    Claim(
        "each row weighs what it may see by a softmax",
        numbers("the weights", "plain means"),
        "scores q @ k.T over sqrt(d), -inf above the diagonal, the softmax along each row",
        probe="the weights",
    ),
    Claim(
        "rows are W_o times the weighted sum of values",
        numbers("two rows", "six rows", "rows of one number"),
        "(weights @ v) @ W_o.T, with v = x @ W_v.T",
        probe="six rows",
    ),
    Claim(
        "row 0 sees itself alone",
        numbers("one row"),
        "a softmax over one position gives it a weight of 1: W_o @ W_v @ x[0]",
        probe="one row",
    ),
    Claim(
        "no row looks ahead",
        kinds("reach", "six rows"),
        "hide the scores of later positions before the softmax",
        "reach",
    ),
    Claim(
        "scores of 10,000 give finite, right rows",
        numbers("scores of 10,000", "the largest is hidden", aspect="huge"),
        "hide first, then subtract the largest score that is left in each row",
        "huge",
    ),
    Claim(
        "no rows give no rows",
        numbers("no rows", aspect="empty"),
        "max(..., initial=-np.inf) takes T = 0 as well, or return early",
        "empty",
        waits=False,
    ),
    FLOAT32._replace(look=numbers("six rows", aspect="float32"), columns=ALL),
    LEAVES._replace(hint="write x = ..., never x -= ... or x[...] = ..."),
    FORGETS,
    DOCUMENTED._replace(sentence="its docstring begins with its role"),
)

_FORWARD = (
    Claim(
        "step 0 is fed x_start",
        numbers("no blocks", rows=1),
        "x_start above the targets, without the last row: np.vstack([x_start, target_seq])[:T]; at "
        "position 0, with the context",
        probe="no blocks",
    ),
    Claim(
        "a position is input, context and place",
        numbers("no blocks"),
        "inputs @ W_in.T + W_context @ context_vector + positions[:T]; the head is rms, W_out, "
        "b_out",
        probe="no blocks",
    ),
    Claim(
        "row t sees the targets before t, and no other",
        kinds("reach", "five steps"),
        "the input of position t is target_seq[t-1]; is the mask of causal_attention right?",
        "reach",
    ),
    Claim(
        "all rows go through all blocks, in order",
        numbers("one step", "one block", "four steps", "six steps", "as many as positions"),
        "x = block_forward(x, block) for each; do the claims about your causal_attention hold?",
        probe="four steps",
    ),
    Claim(
        "large rows are fed as they are",
        numbers("four steps", aspect="large"),
        "leave the rows as they are; scores of 10,000 are your causal_attention's affair",
        "large",
    ),
    Claim(
        "gives shape (0, O) for no steps",
        numbers("no steps", aspect="empty"),
        "np.vstack and slices take T = 0 as well; does causal_attention?",
        "empty",
        waits=False,
    ),
    refuses(
        "more steps than positions",
        "refuses",
        "5 steps for 4 positions",
        "9 steps for 2 positions",
        "5 steps for 1 position",
    ),
    FLOAT32._replace(columns=ALL),
    LEAVES._replace(hint="make a new array of inputs, and write x = x + ..."),
    FORGETS,
    DOCUMENTED,
)

_KEPT = ("one kept", "three kept", "six kept", "rows of one number")
_STEP = (
    Claim(
        "y_t is the row that attends to all so far",
        numbers(*_KEPT, part=(0,)),
        "keys and values with the new row below, keys @ q / sqrt(d), a softmax, then W_o",
    ),
    Claim(
        "the new cache has one row more",
        numbers(*_KEPT, part=(1,)),
        "np.vstack([keys, W_k @ x_t]), and the same of the values; return (keys, values)",
    ),
    Claim(
        "the first position finds an empty cache",
        numbers("the empty cache", aspect="empty"),
        "with (0, d) nothing is special: append first, then attend",
        "empty",
    ),
    Claim(
        "scores of 10,000 give a finite, right row",
        numbers("scores of 10,000", aspect="huge"),
        "subtract the largest score before you take the exponential",
        "huge",
    ),
    FLOAT32._replace(look=numbers("three kept", aspect="float32"), columns=ALL),
    LEAVES._replace(
        sentence="leaves x_t, the old cache and the block as they were",
        hint="somebody may go on from the old cache: make new arrays, write into none that came in",
    ),
    FORGETS,
    DOCUMENTED._replace(sentence="its docstring begins with its role"),
)

_GENERATE = (
    Claim(
        "step 0 is fed x_start",
        numbers("one step", "no blocks", "seven steps", rows=1),
        "W_in @ x_start + W_context @ context_vector + positions[0], the blocks, rms, W_out, b_out",
        probe="one step",
    ),
    Claim(
        "each later step is fed its own last token",
        numbers("no blocks"),
        "the one-hot vector of argmax(logits[t]), at position t + 1, with the context",
        probe="no blocks",
    ),
    Claim(
        "each block remembers what it has seen",
        numbers("three steps", "seven steps", "as many as positions"),
        "one cache a block, empty before the loop: x, caches[n] = block_step(x, caches[n], block); "
        "do the claims about your attention_step hold?",
        probe="seven steps",
    ),
    Claim(
        "of several equal logits it takes the first",
        numbers("five steps", aspect="equals"),
        "np.argmax takes the first of equals",
        "equals",
    ),
    Claim(
        "gives shape (0, O) for no steps",
        numbers("no steps", aspect="empty"),
        "make the result with np.zeros((seq_len, O)) before the loop",
        "empty",
        waits=False,
    ),
    refuses(
        "more steps than positions",
        "refuses",
        "5 steps for 4 positions",
        "30 steps for 12 positions",
    ),
    FLOAT32._replace(look=numbers("seven steps", aspect="float32"), columns=ALL),
    LEAVES,
    FORGETS._replace(hint="make empty caches in every call, and keep nothing in global names"),
    DOCUMENTED._replace(sentence="its docstring begins with its role"),
)

_PASSES = (
    Claim(
        "without own tokens it is teacher forcing",
        numbers("p = 0, one pass", "p = 0.5, no passes"),
        "pass 0 is transformer_forward on the targets; do the claims about it hold?",
        probe="p = 0, one pass",
    ),
    Claim(
        "at 1 the inputs are the pass before's tokens",
        numbers("p = 1, one pass", aspect="own"),
        "one-hot vectors of argmax(axis=1), in the place of the targets: the shift comes after",
        "own",
    ),
    Claim(
        "each pass takes its tokens from the one before",
        numbers("p = 1, two passes", "p = 1, six passes", aspect="own"),
        "logits = ... within the loop, which runs `passes` times",
        "own",
    ),
    Claim(
        "in between, a coin of its own for each step",
        kinds("tossed", "p = 0.3, one pass"),
        "T random numbers below sampling_prob, and np.where with own[:, None]",
        "tossed",
    ),
    Claim(
        "the coins hold for all passes",
        kinds("tossed", "p = 0.6, three passes"),
        "toss them before the loop, once",
        "tossed",
    ),
    Claim(
        "no steps, and one step, are fine",
        lambda answer, column: (
            numbers("no steps", aspect="empty")(answer, column)
            or numbers("one step", aspect="single")(answer, column)
        ),
        "a coin for each row of the target, (T, 1), takes T = 0 and 1 as well",
        "empty",
        waits=False,
    ),
    refuses(
        "a bad sampling_prob, or negative passes,",
        "refuses",
        *(f"sampling_prob = {p}" for p in (-0.1, 1.1, float("nan"))),
        "passes = -1",
        "7 steps for 5 positions",
    ),
    FLOAT32._replace(look=numbers("p = 1, two passes", aspect="float32"), columns=ALL),
    LEAVES._replace(hint="np.where makes a new array; target_seq[...] = ... writes into the old"),
    FORGETS._replace(sentence="at 1 it remembers nothing between calls"),
    DOCUMENTED,
)


def _accepted(*probes: str, aspect: str = "values") -> Look:
    """Compare what is accepted of a draft, and the next token, and say both in words."""
    compare = numbers(*probes, aspect=aspect)

    def look(answer: Answer, column: str) -> str:
        finding = compare(answer, column)
        key = getattr(finding, "key", "")
        seen, right = answer.look(key) if key else (None, None)
        if seen is None or right is None or is_raised(seen) or seen.kind == "nothing":
            return finding
        if right.values is None or seen.values is None or seen.values.shape != right.values.shape:
            came = f"{seen.raw!r:.60}"
            return of_probe(key, f"a list of tokens and one number are asked for; {came} came")
        said = [
            f"accepted {row[2 : 2 + int(row[0])].astype(int).tolist()} and next_token {int(row[1])}"
            for row in (seen.values, right.values)
        ]
        return of_probe(key, f"{said[0]} came, {said[1]} is due")

    return look


_DRAFT = (
    Claim(
        "accepts the longest beginning that is its own",
        _accepted("one wrong token", "0 of 5 tokens", "1 of 5 tokens", "3 of 5 tokens"),
        "row n of a forced pass over the draft says its own token at place n: stop at the first "
        "that differs",
    ),
    Claim(
        "a perfect draft gives one token more",
        _accepted("all of 5 tokens", "as long as there is room"),
        "put one token more behind the draft, which is never fed: its row says what comes next",
    ),
    Claim(
        "an empty draft gives the first token",
        _accepted("an empty draft", aspect="empty"),
        "[*draft, 0] is never empty",
        "empty",
        waits=False,
    ),
    Claim(
        "of several equal logits it takes the first",
        _accepted("two largest", aspect="equals"),
        "np.argmax takes the first of equals",
        "equals",
    ),
    refuses(
        "a draft that leaves no room",
        "refuses",
        "5 tokens for 5 positions",
        "7 tokens for 5 positions",
    ),
    FLOAT32._replace(look=_accepted("3 of 5 tokens", aspect="float32"), columns=ALL),
    LEAVES._replace(hint="return draft[:n], a new list; del and pop change the one that came in"),
    FORGETS,
    DOCUMENTED._replace(sentence="its docstring begins with its role"),
)

CLAIMS: dict[str, tuple[Claim, ...]] = {
    "causal_attention": _ATTENTION,
    "transformer_forward": _FORWARD,
    "attention_step": _STEP,
    "generate": _GENERATE,
    "two_pass_scheduled_sampling": _PASSES,
    "accept_draft": _DRAFT,
}


def _of_passes(calls: Mapping[str, int]) -> tuple[int, int, int]:
    return calls["transformer_forward"], calls["causal_attention"], calls["attention_step"]


def _for_seven_tokens(calls: Mapping[str, int]) -> str:
    """Say what of the calls for 7 tokens in 2 blocks a cache would spare."""
    forced, attended, stepped = _of_passes(calls)
    if forced < 2 and attended <= 2 and stepped <= 14:
        return ""
    how = (
        f"`transformer_forward` ran {forced} times"
        if forced > 1
        else (
            f"`causal_attention` ran {attended} times"
            if attended > 2
            else f"`attention_step` ran {stepped} times"
        )
    )
    return (
        f"for 7 tokens in 2 blocks {how}, so each token computes anew what those before it have "
        "computed. It costs no points, and it grows with the square of the length. With a cache a "
        "position is computed once: `block_step` for each block and token, 14 calls."
    )


def _for_a_perfect_draft(calls: Mapping[str, int]) -> str:
    """Say what of the calls for a perfect draft of 5 tokens one forced pass would spare."""
    forced, attended, stepped = _of_passes(calls)
    if forced < 2 and attended <= 2 and not stepped:
        return ""
    how = (
        f"`transformer_forward` ran {forced} times"
        if forced > 1
        else f"`attention_step` ran {stepped} times, one after another"
        if stepped
        else f"`causal_attention` ran {attended} times in 2 blocks"
    )
    return (
        f"for a perfect draft of 5 tokens {how}. It costs no points, and saves nothing: the tokens "
        "could have been written as quickly. One forced pass over [*draft, 0] has all rows at once."
    )


#: Of which call the price is told, and what is said of it.
COSTS = {
    "generate": ("/values/seven steps", _for_seven_tokens),
    "accept_draft": ("/values/all of 5 tokens", _for_a_perfect_draft),
}

#: What a row is in a picture, where it is no step.
ROWS = {"causal_attention": "position"}

BEGIN = {
    "causal_attention": "with the scores: q @ k.T / sqrt(d), a table of (T, T); print it for three "
    "rows, then hide what lies above its diagonal.",
    "transformer_forward": "with the inputs: x_start above the targets, without the last row; "
    "print their shape, then embed them.",
    "attention_step": "with the new cache: np.vstack puts a key below the old keys.",
    "generate": "with one step: embed x_start at position 0, run it through block_step for each "
    "block with empty caches, and print the row of logits.",
    "two_pass_scheduled_sampling": "with passes = 0, which is transformer_forward on the targets.",
    "accept_draft": "with the forced pass over [*draft, 0]: print the argmax of its rows beside "
    "the draft.",
}
