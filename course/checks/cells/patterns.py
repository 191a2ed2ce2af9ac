"""Find what holds of coins without exception: a pattern, a beat, calls whose coins fall alike."""

from __future__ import annotations

import numpy as np

from course.checks.cells.examples import Array
from course.checks.cells.tallies import Coins, Oddity, constant


def without_exception(coins: Coins) -> Oddity | None:
    """Return what holds of all coins without exception; None where only shares tell."""
    if any(map(constant, coins.values())):
        return None
    found = patterns(coins)
    return found or (within_calls(coins) if min(map(np.size, coins.values())) >= 100 else None)


def patterns(coins: Coins) -> Oddity | None:
    """Find coins that come in the same order in each call, or in a beat."""
    shown = "; ".join(f"at {p:g}: {_letters(each[0])}" for p, each in coins.items())
    some = list(coins.values())
    repeated = all((each == each[:1]).all() for each in some)
    switches = [np.abs(np.diff(each, axis=1)).sum(axis=1) for each in some]
    rising = all((np.diff(each, axis=1) >= 0).all() for each in some)
    falling = all((np.diff(each, axis=1) <= 0).all() for each in some)
    if (rising or falling) and any(count.any() for count in switches):
        return _one_switch(coins, repeated, rising)
    short = min(each.shape[1] for each in some) < 20  # a few coins may look like any pattern
    if not short and all(_evenly(each, p) for p, each in coins.items()):
        return Oddity(
            "evenly spaced",
            f"Own tokens (O) came evenly spaced among true ones (T), without chance: {shown}",
            "toss an independent coin at every step",
        )
    beats = [_beat(each) for each in some]
    if (
        not (repeated and short)
        and all(beats)
        and max(beats) > 1
        and not all(constant(each) for each in some)
    ):
        every = " and ".join(dict.fromkeys(str(beat) for beat in beats if beat > 1))
        return Oddity(
            "periodic",
            f"The coins repeat every {every} steps (O own, T true), {shown}",
            "alternation in place of chance: toss a new coin at every step"
            if every == "2"
            else "toss a new coin at every step; nothing in it counts steps",
        )
    if repeated:
        return Oddity(
            "same in each call",
            f"All {len(some[0])} calls had the same coins (O own, T true), {shown}",
            "no new random number decides: is there a seed inside the function, a list of coins "
            "made once and used again, or a rule made of t without any chance? Make the generator "
            "with np.random.default_rng(), and toss in every call",
        )
    return None


def _one_switch(coins: Coins, repeated: bool, rising: bool) -> Oddity:
    """Describe calls that change over at most once, from truth to own or from own to truth."""
    first, later = ("the truth", "the model's own token") if rising else ("own tokens", "the truth")
    if repeated:
        places = [
            f"step {np.flatnonzero(np.diff(each[0]))[0] + 2} at {p:g}"
            for p, each in coins.items()
            if np.diff(each[0]).any()
        ]
        return Oddity(
            "truth first" if rising else "own first",
            f"In every call {first} came first and {later} from {' and from '.join(places)} on",
            "no step may be special: decide at each one anew, by a coin",
        )
    after, back = ("own token", "the truth") if rising else ("true one", "an own token")
    return Oddity(
        "never back to the truth" if rising else "never back to own",
        f"Once an {after} was fed, {back} never came again in that call"
        if rising
        else f"Once the truth was fed, {back} never came again in that call",
        "the coin of a step must not depend on the coins before it",
    )


def within_calls(coins: Coins) -> Oddity | None:
    """Find coins of one call that always fall alike, or calls with the same count."""
    some = list(coins.values())
    if all((each == each[:, :1]).all() for each in some):
        return Oddity(
            "one a call",
            f"In each of {len(some[0])} calls the coins were either all own or all true",
            "there is one coin for the whole sequence: toss a new one at every step, inside the "
            "loop",
        )
    tied = _tied_steps(some)
    if tied:
        pairs = ", ".join(f"{i} and {j}" for i, j in tied[:3]) + (", ..." if len(tied) > 3 else "")
        return Oddity(
            f"shared by steps{' two by two' * _in_pairs(tied, some[0].shape[1])}",
            f"The coins of steps {pairs} fell alike in all {len(some[0])} calls",
            "toss a new coin at every step, and use it at that step alone",
        )
    counts = {p: np.unique(each.sum(axis=1)) for p, each in coins.items()}
    if all(len(count) == 1 for count in counts.values()):
        said = " and ".join(f"{count[0]} at {p:g}" for p, count in counts.items())
        return Oddity(
            "fixed count",
            f"Each call had exactly the same number of own tokens, {said} of {some[0].shape[1]} "
            f"steps, at places that changed",
            "each step's coin is tossed on its own, so that their number varies: do not draw "
            "places without putting back",
        )
    return None


def _beat(coins: Array) -> int:
    """Return the smallest number of steps after which coins repeat, in or across calls; else 0."""
    steps = coins.shape[1]
    through = coins.reshape(-1)
    for beat in range(1, steps // 3 + 1):
        if (coins[:, beat:] == coins[:, :-beat]).all() or (
            len(through) > 3 * beat and (through[beat:] == through[:-beat]).all()
        ):
            return beat
    return 0


def _evenly(coins: Array, p: float) -> bool:
    """Say whether any two stretches of equal length have as many own tokens, but for one."""
    steps = coins.shape[1]
    if not (coins == coins[:1]).all() or abs(coins[0].mean() - p) > 1.5 / steps:
        return False
    sums = np.concatenate([[0], coins[0].cumsum()])
    return all(np.ptp(sums[length:] - sums[:-length]) <= 1 for length in range(1, steps // 2))


def _tied_steps(some: list[Array]) -> list[tuple[int, int]]:
    """Return pairs of steps whose coins fell alike in each call, each step with the next such."""
    together = np.concatenate(some)
    if not all(_as_varied(each) for each in some):
        return []
    own, true = together.astype(float), 1.0 - together
    alike = np.triu(own.T @ own + true.T @ true == len(together), 1)
    alike &= np.ptp(together, axis=0)[:, None] > 0
    return [(i + 1, int(row.argmax()) + 1) for i, row in enumerate(alike) if row.any()]


def _as_varied(coins: Array) -> bool:
    """Say whether each step has both coins often enough, that two may not agree by chance."""
    shares = coins.mean(axis=0)
    return bool(np.median(np.minimum(shares, 1 - shares)) > 0.1)


def _in_pairs(tied: list[tuple[int, int]], steps: int) -> bool:
    """Say whether the pairs are 1 and 2, 3 and 4, ..., or 2 and 3, 4 and 5, ..."""
    return (
        len(tied) >= steps // 2 - 1
        and all(j == i + 1 for i, j in tied)
        and (len({i % 2 for i, _ in tied}) == 1)
    )


def _letters(coins: Array, most: int = 20) -> str:
    """Write coins as O and T, the first ones only."""
    return "".join("O" if coin else "T" for coin in coins[:most]) + (
        "..." if len(coins) > most else ""
    )
