"""Read off a decoder with scheduled sampling what it feeds, and how its coins fall.

`reading` is a probe's observer: its feature has a kind in a few words, which a known mistake is
matched by, and the whole `Reading` as its raw result, from which sentences are made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from course.checks.cells.calls import call_each
from course.checks.cells.coins import softmax
from course.checks.cells.examples import Array, example
from course.checks.cells.tallies import Oddity, Throws
from course.checks.known.clock import Clock
from course.checks.known.coins.throws import unfair
from course.checks.known.features import (
    NOT_ASKED,
    UNREADABLE,
    VARIES,
    Arguments,
    Feature,
    Function,
    again,
    raised,
)
from course.checks.known.inputs.carried import is_fed_with_memory
from course.checks.known.inputs.fed import (
    OWN,
    OWN_SIDE,
    STRANGE,
    TRUE_SIDE,
    TRUTH,
    Inputs,
    came_from,
    drawn_tokens,
    first_input,
    fixed_tokens,
    mixture,
    near,
    one_hot,
    read_inputs,
    strange_inputs,
)
from course.checks.known.inputs.lens import SIZE, lens
from course.checks.known.told import percent

#: The kind where all is right; where the cell or the state is not, nothing is read.
FAIR = "fair coins"

#: All inputs that have a name, those in place of the own token first.
SOURCES = {**OWN_SIDE, **TRUE_SIDE}

#: A function so slow is not asked for its coins: of fewer of them something else would be said.
BUDGET_S = 20.0


@dataclass(frozen=True)
class Reading:
    """What was read of one cell type.

    Attributes
    ----------
    parts : tuple of Oddity
        What is wrong, coins last.
    inputs_wrong : bool
        Whether an input was neither the truth nor the own token, or step 0 not fed `x_start`.
    wrong_at : frozenset of float
        Of 0 and 1: where not every input was what it has to be.
    chance_at : frozenset of float
        Of 0 and 1: where two equal calls gave different results.
    """

    parts: tuple[Oddity, ...]
    inputs_wrong: bool
    wrong_at: frozenset[float]
    chance_at: frozenset[float]

    @property
    def said(self) -> str:
        """What was measured, and what to do."""
        return " ".join(f"{one.measured}; {one.advice}." for one in self.parts)


def reading(function: Function, arguments: Arguments) -> Feature:
    """Observe what is fed. The arguments are a cell type, T, and pairs (sampling_prob, calls)."""
    cell_type, T, plan = arguments()
    seen: dict[float, Inputs] = {}
    clock = Clock(BUDGET_S)
    for p, times in plan:
        if seen and clock.is_over:
            return Feature(NOT_ASKED)
        try:
            runs = again(function, partial(_asked, cell_type, T, p), times)
        except Exception as error:
            # What fails at 0 or at 1 as well shows in plainer calls than these.
            return raised(error) if 0 < p < 1 else Feature(UNREADABLE)
        if not all(_usable(run, T) for run in runs):
            return Feature(UNREADABLE)
        logits = np.array(runs, dtype=np.float64)
        seen[p] = read_inputs(logits, lens(cell_type, T), cell_type)
    parts = _parts(seen)
    if parts is None:
        return Feature(UNREADABLE)
    late = {name: source for name, source in OWN_SIDE.items() if "[t-2]" in name}
    if any(_says(parts, name) for name in late):
        # A token that is fed twice leaves two rows alike, of which either may be the source.
        with_memory = partial(is_fed_with_memory, function, cell_type)
        denied = {name for name, source in late.items() if not with_memory(source)}
        parts = _parts(seen, denied) or parts
    if any(part.kind.startswith(_UNKNOWN) for part in parts):
        parts = _changed_rows(function, cell_type) or parts
    found = Reading(
        tuple(parts),
        any(part.is_of_inputs for part in parts),
        frozenset(p for p, due in ((0.0, TRUTH), (1.0, OWN)) if _off(seen[p], due)),
        frozenset(p for p in (0.0, 1.0) if np.ptp(seen[p].logits, axis=0).max() > 1e-3),
    )
    return Feature(" + ".join(part.kind for part in parts) or FAIR, raw=found)


#: How the kinds begin of inputs that are no known vector.
_UNKNOWN = ("step 0 is another vector", "step 0 is several", "own is another", "input is another")


def _changed_rows(function: Function, cell_type: str) -> list[Oddity]:
    """Find rows that no state gives: there are more outputs than hidden units."""
    context, targets, params = example(cell_type)
    try:
        asked = [(context, targets, params, p, cell_type) for p in (0.3, 0.7, 1.0) for _ in "1234"]
        runs = np.array(call_each(function, asked), dtype=np.float64) - params["b_y"]
    except Exception:
        return []
    if runs.shape[-1:] != params["b_y"].shape:
        return []
    W = params["W_hy"]
    given_by_a_state = near(runs @ np.linalg.pinv(W).T @ W.T, runs)
    if given_by_a_state.all():
        return []
    return [
        Oddity(
            "input is unknown, rows are changed",
            f"Of {given_by_a_state.size} rows {int((~given_by_a_state).sum())} are W_hy @ h + b_y "
            "of no state h, with sampling_prob above 0",
            "a row is changed after the step, or made of something else, such as probabilities or "
            "tokens; the coin chooses what is fed to a step, and nothing is done to its logits",
        )
    ]


def _says(parts: list[Oddity], name: str) -> bool:
    return any(part.kind == f"own is {name}" for part in parts)


def _asked(cell_type: str, T: int, p: float) -> tuple[object, ...]:
    return (*lens(cell_type, T), p, cell_type)


def _usable(run: object, T: int) -> bool:
    return (
        isinstance(run, np.ndarray)
        and run.dtype.kind == "f"
        and run.shape == (T, SIZE)
        and bool(np.isfinite(run).all())
    )


def _off(seen: Inputs, due: int) -> bool:
    """Say whether an input was not what it has to be at 0 or at 1."""
    return bool((seen.kinds() != due).any() or first_input(seen))


def _parts(seen: Mapping[float, Inputs], denied: Collection[str] = ()) -> list[Oddity] | None:
    """Return all that is wrong, by no source that is denied; None where inputs cannot be read."""
    parts: list[Oddity] = []
    first = {first_input(each) for each in seen.values()} - {""}
    if "?" in first:
        return None
    if first:
        parts.append(_step_0(seen, first))
    kinds = {p: each.kinds() for p, each in seen.items()}
    truth = own = ""
    if (kinds[0.0] == STRANGE).any():
        forced = [(seen[0.0], kinds[0.0] == STRANGE)]
        truth = strange_inputs(forced, {**TRUE_SIDE, **OWN_SIDE})
        if not truth:
            return None
    # What is strange at 1 may be so by chance at others too: all of it has one source.
    strange = {p: _left(each, kinds[p], truth) for p, each in seen.items()}
    if strange[1.0].any():
        puzzles = [(seen[p], strange[p]) for p in seen]
        own = strange_inputs(puzzles, {k: v for k, v in SOURCES.items() if k not in denied})
        own = own or mixture(seen[1.0], strange[1.0], 1.0)
        own = own or drawn_tokens([(seen[p], kinds[p] != TRUTH) for p in seen])
        own = fixed_tokens(seen[1.0], strange[1.0], own) if "by chance" in own else own
        own = own or another_vector(seen[1.0].fed[:, 1:][strange[1.0]])
    elif truth and not (kinds[1.0] != STRANGE).any():
        own = truth
    if _is_turned(kinds, truth, own):
        # The coin is turned round: what came at 0 is meant for the model's own token.
        truth, own = own, truth
        parts += [_fed("truth", truth, "as the truth")] if truth else []
        parts += [_fed("own", own, "as the model's own token")] if own else []
    elif truth and truth == own:
        parts.append(_fed("input", truth, "whichever token was due"))
    else:
        if truth:
            parts.append(_fed("truth", truth, "where the truth was due"))
        if own:
            parts.append(_fed("own", own, "where the model's own token was due"))
    # Where one vector stands for both nothing shows how a coin fell.
    thrown = None if truth and truth == own else _thrown(seen, kinds, truth, own)
    if isinstance(thrown, Oddity):
        return [*parts, thrown]
    if thrown is None:
        return parts
    found = unfair(thrown)
    return [*parts, found] if found else parts


def _is_turned(kinds: Mapping[float, Array], truth: str, own: str) -> bool:
    """Say whether the own token, or what stands for it, came at 0, and the truth came at 1."""
    of_the_target = own in TRUE_SIDE or "target_seq" in own
    own_at_0 = (truth in OWN_SIDE and "target_seq" not in truth) or (
        not truth and bool((kinds[0.0] == OWN).all())
    )
    true_at_1 = of_the_target or (not own and bool((kinds[1.0] == TRUTH).all()))
    return bool(truth or own) and own_at_0 and true_at_1


def another_vector(fed: Array) -> str:
    """Describe vectors without a name."""
    if near(fed, np.abs(fed)).all() and np.abs(fed.sum(axis=-1) - 1).max() < 1e-2:
        return "another vector, of positive numbers that sum to 1 as probabilities do"
    return "another vector"


#: What is due, by the side that is wrong.
_DUE = {
    "truth": "the truth is target_seq[t-1], as it is",
    "own": "the model's own token is the one-hot vector of argmax(logits[t-1]), of 0 and 1",
    "input": "feed target_seq[t-1] or the one-hot vector of argmax(logits[t-1]), as the coin falls",
}


def _left(seen: Inputs, kinds: Array, truth: str) -> Array:
    """Return which inputs are strange, other than those that stand for the truth."""
    left: Array = kinds == STRANGE
    if truth:
        left = left & ~came_from(SOURCES[truth], seen)
    return left


def _fed(side: str, what: str, where: str) -> Oddity:
    return Oddity(f"{side} is {what}", f"Step t was fed {what}, {where}", _DUE[side])


def _step_0(seen: Mapping[float, Inputs], first: set[str]) -> Oddity:
    what = sorted(first)[0].removeprefix("in some calls ")
    if len({each.removeprefix("in some calls ") for each in first}) > 1:
        what = "several vectors"
    shares = {
        p: float((~near(each.fed[:, 0], each.x_start)).mean()) for p, each in sorted(seen.items())
    }
    if min(shares.values()) == 1:
        return Oddity(f"step 0 is {what}", f"Step 0 was fed {what}", "step 0 always gets x_start")
    often = ", ".join(f"{percent(share)} at {p:g}" for p, share in shares.items())
    return Oddity(
        f"step 0 is {what} by chance",
        f"Step 0 was fed {what} in {often}",
        "step 0 always gets x_start: there is no coin before a token was chosen",
    )


def _thrown(
    seen: Mapping[float, Inputs], kinds: Mapping[float, Array], truth: str, own: str
) -> dict[float, Throws] | Oddity | None:
    """Return the coins; or what was fed that is neither; None where both may be meant."""
    thrown = {}
    read = {p: each.copy() for p, each in kinds.items()}
    for p, each in seen.items():
        if truth:
            as_truth = came_from(SOURCES[truth], each)
            if 0 < p < 1 and (as_truth & (read[p] == OWN)).any():
                return None
            read[p][(read[p] == STRANGE) & as_truth] = TRUTH
        if own in SOURCES:
            read[p][(read[p] == STRANGE) & came_from(SOURCES[own], each)] = OWN
        elif own.startswith(("one-hot vectors of tokens", "the one-hot vector of a token")):
            read[p][read[p] == STRANGE] = OWN
    for p, each in sorted(seen.items(), reverse=True):
        strange = read[p] == STRANGE
        if strange.any():
            return None if truth or own else _in_between(seen, read, p)
        thrown[p] = Throws(
            read[p],
            softmax(each.logits[:, :-1]).max(axis=2),
            each.logits[:, :-1].argmax(axis=2) == each.targets[:-1].argmax(axis=1),
        )
    return thrown


def _in_between(seen: Mapping[float, Inputs], read: Mapping[float, Array], p: float) -> Oddity:
    """Name what is fed at a probability between 0 and 1 alone."""
    puzzles = [(each, read[other] == STRANGE) for other, each in seen.items()]
    what = (
        _averaged(seen[p])
        or strange_inputs(puzzles, SOURCES)
        or mixture(*_puzzle_at(puzzles, seen, p), p)
        or drawn_tokens(puzzles)
        or "another vector, neither target_seq[t-1] nor the model's own token"
    )
    strange = read[p] == STRANGE
    if what.startswith("another") and strange.sum() < 0.05 * (read[p] == OWN).sum():
        fed = seen[p].fed[:, 1:][strange]
        if near(fed, one_hot(fed.argmax(axis=1))).all():
            what = (
                "the one-hot vector of a token that is not argmax(logits[t-1]), which others were: "
                "is the argmax taken of something a little different from that row?"
            )
    return Oddity(
        f"input is {what.partition(', ')[0]}",
        f"At sampling_prob = {p:g}, {strange.sum()} of {strange.size} steps were fed {what}",
        _DUE["input"],
    )


def _averaged(seen: Inputs) -> str:
    """Say that all rows are a mix of those of two passes; ``""`` where they are not."""
    apart = (seen.free - seen.forced)[None]
    share = float(((seen.logits - seen.forced) * apart).sum() / (apart**2).sum() / len(seen.logits))
    if not near(seen.logits, seen.forced + share * apart).all() or not 0.01 < share < 0.99:
        return ""
    return (
        f"a vector that no step was fed: what came is {percent(share)} of the rows of free running "
        "plus the rest of those of teacher forcing. No results are mixed; one pass is made, and a "
        "coin chooses the input of each step"
    )


def _puzzle_at(
    puzzles: list[tuple[Inputs, Array]], seen: Mapping[float, Inputs], p: float
) -> tuple[Inputs, Array]:
    return puzzles[list(seen).index(p)]


#: Kinds of coins of which a few more or less decide.
_SHARES = ("rate", "another rate", "share ", "odd steps", "fails at", "counts")

#: Which probes are calls with sampling_prob 0, and with 1.
_AT_THE_ENDS = {
    0.0: ("values/four steps", "values/p = 0", "float32/five steps", "forgets/calls"),
    1.0: ("values/p = 1", "equals/four steps"),
}


def settled(features: dict[str, Feature]) -> dict[str, Feature]:
    """Return the features, those that hang on chance as it shows in many calls.

    A coin that fails once in a hundred times shows in four calls or does not: the reading of many
    coins says whether the same call may give another result. The coin is one line for all cells,
    so that the one of which most coins are asked speaks for the others. A name is then the same
    each time.
    """
    settled = dict(features)
    rnn = features.get("rnn/coins/inputs")
    for key, seen in features.items():
        group, aspect, _ = key.split("/")
        if aspect != "coins" or seen.kind == UNREADABLE or not isinstance(seen.raw, Reading):
            continue
        if (
            rnn is not None
            and isinstance(rnn.raw, Reading)
            and rnn.kind != seen.kind
            and (rnn.raw.parts or seen.kind.startswith(_SHARES))
            and not any(part.is_of_inputs for one in (rnn, seen) for part in one.raw.parts)
        ):
            settled[key] = rnn
        raw: Reading = settled[key].raw
        for p, probes in _AT_THE_ENDS.items():
            for probe in probes:
                if p in raw.chance_at and f"{group}/{probe}" in features:
                    settled[f"{group}/{probe}"] = Feature(VARIES)
        if group == "rnn" and 0.0 in raw.chance_at and "/default/cell_type" in features:
            settled["/default/cell_type"] = Feature(VARIES)
        if f"{group}/mixed/state" in features and (raw.inputs_wrong or 0.0 in raw.wrong_at):
            settled[f"{group}/mixed/state"] = Feature(UNREADABLE)
    return settled
