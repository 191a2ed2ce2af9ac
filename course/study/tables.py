"""Write a table of results for a lesson, each number with the mark that keeps it true.

python3 -m course.study.tables osc/gru gold_prefix_error own_prefix_error
python3 -m course.study.tables osc/gru own_prefix_error --compared
python3 -m course.study.tables more-updates/gru exact_match
"""

from __future__ import annotations

import argparse

from course.study.quotes import is_share, quoted
from course.trained.regimes import TEACHER_FORCING, find_regime
from course.trained.results import find, paths, way_title

#: What there are theories of beside ways of training.
_KNOWN = {
    "best": "the best that is possible",
    "guess": "guessing evenly",
    "context": "least squares from the context",
    "prefix": "least squares from context and true prefix",
}


def table(experiment: str, measures: tuple[str, ...] = (), compared: bool = False) -> str:
    """Lay out the results of one task and cell in Markdown, a row for each way of training.

    Parameters
    ----------
    experiment : str
        As ``osc/gru``.
    measures : tuple of str, optional
        The columns; all there are, if not given.
    compared : bool, optional
        Show differences from teacher forcing, seed by seed, in place of the values; of an
        experiment those from its first way, and of pairs that are compared besides.

    Raises
    ------
    ValueError
        Where there is no such experiment, or nothing was measured by such a name.
    """
    split = [path.rsplit("/", 2) for path in paths()]
    mine = [(way, name) for one, way, name in split if one == experiment]
    if not mine:
        known = ", ".join(dict.fromkeys(one for one, _, _ in split))
        raise ValueError(f"there are no results of {experiment!r}; there are: {known}")
    columns = measures or tuple(dict.fromkeys(name for _, name in mine))
    if unknown := set(columns) - {name for _, name in mine}:
        names = ", ".join(dict.fromkeys(name for _, name in mine))
        raise ValueError(f"{experiment} has no {', '.join(sorted(unknown))}; it has: {names}")
    ways = dict.fromkeys(way for way, _ in mine if ("-vs-" in way) == compared)
    if forced := [way for way in ways if way.endswith(f"-vs-{TEACHER_FORCING}")]:
        ways = dict.fromkeys(forced)
    ways = dict.fromkeys(way for way in ways if any((way, name) in mine for name in columns))
    paths_of = {name: f"{experiment}/{way}/{name}" for way, name in mine}
    shares = {name for name in columns if is_share(paths_of[name])}
    in_percent = " (points)" if compared else " (%)"
    about = {
        name: find(path).what + (in_percent if name in shares else "")
        for name, path in paths_of.items()
    }
    named = {way: _named(experiment, way.partition("-vs-")[0]) for way in ways}
    others = {way: way.partition("-vs-")[2] for way in ways}
    if len({*others.values()}) > 1:  # which are compared with what has to be said
        named = {
            way: f"{said}, less: {_named(experiment, others[way])}" for way, said in named.items()
        }
    has_titles = all(way_title(f"{experiment}/{way.partition('-vs-')[0]}") for way in ways)
    head = "way" if has_titles else "`sampling_prob` in training"
    rows = [(head, *(about[name].replace("|", r"\|") for name in columns))]
    rows.append(("---",) * len(rows[0]))
    for way in ways:
        cells = [
            f"{experiment}/{way}/{name}{':points' if name in shares else ''}"
            if (way, name) in mine
            else ""
            for name in columns
        ]
        marked = (f"{quoted(path)}<!--result {path}-->" if path else "–" for path in cells)
        rows.append((named[way], *marked))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _named(experiment: str, way: str) -> str:
    """Return what a reader calls a way."""
    if title := way_title(f"{experiment}/{way}"):
        return title
    name, closed_form, _ = way.partition("-theory")
    if name in _KNOWN:
        return _KNOWN[name]
    return find_regime(name).title + (", closed form" if closed_form else "")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("experiment", help="as osc/gru")
    parser.add_argument("measures", nargs="*", help="the columns; all there are, if not given")
    parser.add_argument("--compared", action="store_true", help="differences from teacher forcing")
    asked = parser.parse_args()
    try:
        print(table(asked.experiment, tuple(asked.measures), asked.compared))
    except ValueError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
