"""Tell which known mistakes of the exercise a function makes: those whose outputs were seen.

A mistake is named for what it explains, and no further. Where another one explains just as much,
both are told as one of two; where a cell type, or a schedule, gives other numbers than the mistake
has there, that is said beside its name.
"""

from __future__ import annotations

from collections.abc import Iterable

from course.checks.known.answer import OF_OWN_TOKENS, OWN, Answer
from course.checks.known.bank import Mistake, aspect_of
from course.checks.known.features import VARIES, Feature, agrees, is_raised
from course.checks.known.schedules.tables import NOT_AS_DUE
from course.checks.known.stars import NOTHING_TO_GO_BY
from course.checks.known.told import Finding, Told, listed, one_of

#: How a kind begins where an input is neither the truth nor the own token: no coin is read then.
NOT_READ = "gives rows that no coins give"

#: Kinds that many mistakes have in common, whatever they are.
_SAYS_NOTHING = (NOT_AS_DUE, NOTHING_TO_GO_BY)

#: What a call can show to know of another, whatever its numbers are.
_MEASURED = ("remembers", "overwrites")


def of_known_mistakes(answer: Answer, told: Iterable[Finding]) -> list[Finding]:
    """Return the mistakes whose outputs were seen, most specific first.

    A mistake that explains all that is wrong comes before one that explains a part, a cell type
    for instance; one that explains nothing new is left out, unless it is as good as another.
    """
    ranked = []
    for mistake in answer.bank.mistakes:
        fits = _explained(answer, mistake)
        if fits and not _contradicted(answer, mistake):
            ranked.append(((-len(fits), len(mistake.aspects - fits)), mistake, fits))
    ranked.sort(key=lambda entry: entry[0])
    chosen: list[tuple[Mistake, set[str]]] = []
    explained: set[str] = set()
    last = None
    for rank, mistake, fits in ranked:
        if not fits <= explained or rank == last:
            last = rank
            explained |= fits
            chosen.append((mistake, fits))
    return [
        answer.finding(Told(mistake.name, _said(answer, mistake, fits, chosen)), fits)
        for mistake, fits in chosen
    ]


def _said(
    answer: Answer, mistake: Mistake, fits: set[str], chosen: list[tuple[Mistake, set[str]]]
) -> str:
    """Return a mistake's sentence, with others that fit as well, and where numbers deny it."""
    alike = [mistake.sentence]
    alike += [one.sentence for one, others in chosen if one is not mistake and others == fits]
    groups = {group for group in _groups_with("values", set(mistake.aspects)) if group}
    denied = sorted(groups - _groups_with("values", fits))
    told, fit = one_of(alike), sorted(groups - set(denied))
    # Of what is said of other calls alone numbers say nothing.
    if not denied or not fit:
        return told
    fine = [group for group in denied if f"{group}/values" not in answer.wrong]
    wrong = [group for group in denied if group not in fine]
    said = f"What {_quoted(fit)} {'give' if len(fit) > 1 else 'gives'} fits this: {told}"
    if fine:
        said += (
            f" With {_quoted(fine)} numbers are right, and this would show there too: look at the "
            "lines that are not run there."
        )
    if wrong:
        said += (
            f" With {_quoted(wrong)} other numbers came than this alone gives: something else is "
            "wrong there too, or one slip is behind all of it."
        )
    return said


def _quoted(groups: list[str]) -> str:
    return listed([repr(group) for group in groups])


def is_kept(answer: Answer, told: Iterable[Finding]) -> bool:
    """Say whether one of the known mistakes told is that calls know of each other."""
    names = {one.name for one in told}
    return any(
        aspect_of(key).endswith("/forgets") and known.kind in (*_MEASURED, "repeats")
        for mistake in answer.bank.mistakes
        if mistake.name in names
        for key, known in mistake.features.items()
    )


def _explained(answer: Answer, mistake: Mistake) -> set[str]:
    """Return the aspects that are wrong as a mistake has them."""
    fits = {aspect for aspect in mistake.aspects & answer.wrong if _fits(answer, aspect, mistake)}
    # Where its values would be wrong in its way and are not, it is another mistake.
    values = {aspect for aspect in mistake.aspects if aspect.endswith("/values")}
    missed = values - fits
    fits = {aspect for aspect in fits if f"{aspect.partition('/')[0]}/values" not in missed}
    if missed and missed == values:
        # What is of no cell type does not make up for values that are wrong in another way.
        fits = {aspect for aspect in fits if not aspect.startswith("/")}
    fits = {aspect for aspect in fits if not _denied(answer, aspect, fits, mistake)}
    # Nor does it say how own tokens are fed where these are not as the mistake has them.
    fits -= {
        f"{group}/{what}"
        for group in _groups_with(OWN, {*mistake.aspects, *answer.wrong} - fits)
        for what in OF_OWN_TOKENS
        if not _is_said_of_coins(answer, f"{group}/{what}")
    }
    # That a table is wrong, or a star none, says nothing of how: something else has to fit.
    if all(known.kind in _SAYS_NOTHING for key, known in _features(mistake, fits)):
        return set()
    fits = _remembered(fits, mistake, answer.wrong)
    # Where values are wrong in another way, what is seen of other calls comes from that.
    return {aspect for aspect in fits if _speaks(answer, aspect, fits)}


def _groups_with(what: str, aspects: set[str]) -> set[str]:
    """Return the groups of which an aspect is among these."""
    return {
        group for group, _, one in (aspect.rpartition("/") for aspect in aspects) if one == what
    }


def _is_said_of_coins(answer: Answer, aspect: str) -> bool:
    """Say whether coins were read at all calls of an aspect, whatever is fed."""
    kinds = [answer.seen[key].kind for key in answer.keys.get(aspect, ())]
    return not any(kind == "array" or kind.startswith(NOT_READ) for kind in kinds)


def _features(mistake: Mistake, aspects: set[str]) -> list[tuple[str, Feature]]:
    return [one for one in mistake.features.items() if aspect_of(one[0]) in aspects]


def _remembered(fits: set[str], mistake: Mistake, wrong: frozenset[str]) -> set[str]:
    """Return what a mistake explains, where it is that calls know of each other, and they do.

    Other inputs may give what an earlier call gave, as where rows are scaled: calls that were seen
    to know nothing of each other tell that nothing is kept.
    """
    kept = {aspect.partition("/")[0] for aspect in mistake.aspects if aspect.endswith("/forgets")}
    if kept and not any(aspect.endswith(("/forgets", "/values")) for aspect in fits):
        return set()
    forgets = {
        cell for cell in kept if f"{cell}/forgets" not in wrong and f"{cell}/values" not in fits
    }
    return {one for one in fits if one.partition("/")[0] not in forgets}


def _denied(answer: Answer, aspect: str, fits: set[str], mistake: Mistake) -> bool:
    """Say whether a mistake that would change arguments did not in a cell."""
    keeps = f"{aspect.rpartition('/')[0]}/keeps"
    return keeps not in fits and any(
        aspect_of(key) == keeps
        and not is_raised(known)
        and key in answer.seen
        and answer.seen[key].kind == answer.bank.right[key].kind
        for key, known in mistake.features.items()
    )


def _speaks(answer: Answer, aspect: str, fits: set[str]) -> bool:
    """Say whether an aspect tells something of its own, or only that the numbers are wrong."""
    group, _, what = aspect.rpartition("/")
    values = f"{group}/values"
    if (
        what not in ("forgets", "keeps", "float32", "empty", "equals", "long", "huge")
        or values in fits
        or values not in answer.wrong
    ):
        return True
    # Of rows that are too many, or never written, some may come from any array before.
    if what != "forgets" or not answer.fits(group):
        return False
    kind = answer.seen[f"{aspect}/calls"].kind
    # A constant repeats itself too, and so does what is no number: they are kept from no call.
    elsewhere = any(one.endswith("/values") for one in fits)
    return kind in _MEASURED or (kind == "repeats" and elsewhere)


def _fits(answer: Answer, aspect: str, mistake: Mistake) -> bool:
    """Say whether all that was seen of an aspect is as the mistake has it."""
    for key in answer.keys[aspect]:
        if key in answer.bank.right:
            seen, right = answer.seen[key], answer.bank.right[key]
            known = mistake.features.get(key, right)
            same_by_chance = (known.kind, right.kind, seen.kind) == (VARIES, VARIES, "array")
            if same_by_chance or agrees(seen, known, right):
                continue
            # The same mistake may stop in other words, as where np.dot stands for @.
            both_stop = is_raised(seen) and is_raised(known)
            if not (both_stop and _numbers_fit(answer, aspect.rpartition("/")[0], mistake)):
                return False
    return True


def _numbers_fit(answer: Answer, group: str, mistake: Mistake) -> bool:
    """Say whether wrong numbers of a cell type were seen that are those of the mistake."""
    return any(
        known.kind == "array"
        and known.values is not None
        and agrees(answer.seen[key], known, answer.bank.right[key])
        for key in answer.keys.get(f"{group}/values", ())
        if (known := mistake.features.get(key))
    )


def _contradicted(answer: Answer, mistake: Mistake) -> bool:
    """Say whether coins fall, or inputs are, as a mistake cannot have them, in any cell.

    The coin is one line of code for all cells: a mistake in it shows in all or in none.
    """
    return any(
        not agrees(answer.seen[key], known, answer.bank.right[key])
        for key, known in mistake.features.items()
        if aspect_of(key).endswith("/coins") and key in answer.seen
    )
