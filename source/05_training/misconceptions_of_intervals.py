"""Wrong intervals in lesson 5: what is paired, how wide, and for how many seeds."""

from course.lessons.misconceptions import Misconception

_REFUSED = "if n != len(b) or n == 0:"
_DIFFERENCES = "differences = np.asarray(b, dtype=float) - np.asarray(a, dtype=float)"
_ONE = 'return float(differences[0]), float("inf")'
_HALF = "half_width = t_quantile(n - 1) * differences.std(ddof=1) / np.sqrt(n)"
_SPREAD = "differences.std(ddof=1)"
_RETURN = "return float(differences.mean()), float(half_width)"


def _pairs(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "paired_interval", sentence, changes, breaks)


_PAIRED = (
    _pairs(
        "subtracts_b_from_a",
        "You take a - b; the change is b - a, positive where b is larger.",
        {_DIFFERENCES: "differences = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)"},
        "mean_of_the_differences",
    ),
    _pairs(
        "forgets_the_sign",
        "You take the size of each difference; keep its sign, b - a.",
        {
            _DIFFERENCES: "differences = np.abs(np.asarray(b, dtype=float) - np.asarray(a, dtype=float))"
        },
        "mean_of_the_differences",
    ),
    _pairs(
        "sorts_before_pairing",
        "You sort both lists, which tears the pairs apart; equal places belong to the same seed, so "
        "leave the order as it is.",
        {
            _DIFFERENCES: "differences = np.sort(np.asarray(b, dtype=float)) - np.sort(np.asarray(a, dtype=float))"
        },
        "pairs_take_out_what_is_common",
    ),
    _pairs(
        "throws_the_pairs_away",
        "You add the variances of both lists, as for runs that have nothing to do with each other; "
        "take the differences first, and their standard deviation.",
        {_SPREAD: "np.sqrt(np.var(a, ddof=1) + np.var(b, ddof=1))"},
        "pairs_take_out_what_is_common",
    ),
)

_WIDE = (
    _pairs(
        "divides_the_variance_by_n",
        "Your standard deviation divides by n; the mean was taken from the same numbers, so divide "
        "by n - 1, `ddof=1`.",
        {_SPREAD: "differences.std()"},
        "half_width_by_student",
    ),
    _pairs(
        "gives_the_spread_of_single_seeds",
        "Your half width is that of a single seed; the mean of n is surer, so divide by the square "
        "root of n.",
        {_HALF: f"half_width = t_quantile(n - 1) * {_SPREAD}"},
        "half_width_by_student",
    ),
    _pairs(
        "divides_by_n",
        "You divide by n; divide by its square root.",
        {_HALF: f"half_width = t_quantile(n - 1) * {_SPREAD} / n"},
        "half_width_by_student",
    ),
    _pairs(
        "takes_n_degrees_of_freedom",
        "You ask t_quantile for n degrees of freedom; one was used for the mean, so n - 1 are left.",
        {_HALF: f"half_width = t_quantile(n) * {_SPREAD} / np.sqrt(n)"},
        "half_width_by_student",
    ),
    _pairs(
        "takes_the_normal_distribution",
        "You take 1.96, which holds for very many seeds; for few take t_quantile(n - 1).",
        {_HALF: f"half_width = 1.96 * {_SPREAD} / np.sqrt(n)"},
        "half_width_by_student",
    ),
    _pairs(
        "gives_the_standard_error",
        "You return the standard error: t is left out, or is 1. Multiply by t_quantile(n - 1).",
        {_HALF: f"half_width = {_SPREAD} / np.sqrt(n)"},
        "half_width_by_student",
    ),
    _pairs(
        "gives_the_whole_width",
        "You return the whole width; return half of it, what is added to the mean on one side.",
        {_RETURN: "return float(differences.mean()), float(2 * half_width)"},
        "half_width_by_student",
    ),
    _pairs(
        "gives_the_ends",
        "You return the two ends of the interval; return its mean and half its width.",
        {
            _RETURN: "return float(differences.mean() - half_width), "
            "float(differences.mean() + half_width)",
        },
        "mean_of_the_differences",
    ),
    _pairs(
        "returns_the_half_width_first",
        "You return the half width first; the mean comes first, `return mean, half_width`.",
        {_RETURN: "return float(half_width), float(differences.mean())"},
        "mean_of_the_differences",
    ),
    _pairs(
        "returns_the_mean_alone",
        "You return the mean alone; return the half width too, `return mean, half_width`.",
        {_RETURN: "return float(differences.mean())", _ONE: "return float(differences[0])"},
        "mean_of_the_differences",
    ),
    _pairs(
        "returns_the_mean_of_a",
        "You return the mean of a; return the mean of the differences b - a.",
        {_RETURN: "return float(np.mean(a)), float(half_width)"},
        "mean_of_the_differences",
    ),
)

_FEW = (
    _pairs(
        "is_sure_of_one_seed",
        "For one seed your half width is 0; a single difference says nothing of the spread, so it "
        "is infinite.",
        {_ONE: "return float(differences[0]), 0.0"},
        "one_seed_tells_nothing",
    ),
    _pairs(
        "gives_nan_for_one_seed",
        "For one seed your half width is nan; it is infinite, float('inf').",
        {_ONE: 'return float(differences[0]), float("nan")'},
        "one_seed_tells_nothing",
    ),
    _pairs(
        "accepts_no_seeds",
        "You accept empty lists; there is nothing to compare, so raise ValueError.",
        {_REFUSED: 'if n == len(b) == 0:\n        return 0.0, float("inf")\n    if n != len(b):'},
        "lists_that_do_not_pair_raise",
    ),
    _pairs(
        "accepts_lists_of_unequal_length",
        "You accept lists that differ in length, as zip does, which cuts the longer one; they are "
        "not paired, so raise ValueError.",
        {_REFUSED: "n = min(n, len(b))\n    a, b = a[:n], b[:n]\n    if n == 0:"},
        "lists_that_do_not_pair_raise",
    ),
    _pairs(
        "stretches_a_list_of_one",
        "You leave it to NumPy to refuse unequal lengths, but it stretches a list of one number to "
        "any length; compare the lengths yourself, and raise ValueError.",
        {_REFUSED: "if n * len(b) == 0:", "if n == 1:": "n = len(differences)\n    if n == 1:"},
        "lists_that_do_not_pair_raise",
    ),
)

MISCONCEPTIONS = (*_PAIRED, *_WIDE, *_FEW)
