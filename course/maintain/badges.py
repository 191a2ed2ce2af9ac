"""Print for each lesson the badge that opens it in Colab, from a copy of the course on GitHub.

Where that copy is, the course cannot know: ``python3 -m course.maintain.badges OWNER/REPOSITORY``
is told. Its lines are Markdown, to be pasted into the README of that copy.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from course.lessons import course_root, find_lessons

#: How Colab opens a notebook from GitHub, and the picture that it offers for it.
_OPENS = "https://colab.research.google.com/github"
_PICTURE = "https://colab.research.google.com/assets/colab-badge.svg"
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


def badges(root: Path, repository: str, branch: str = "main") -> list[str]:
    """Return a line of Markdown for each released lesson.

    Parameters
    ----------
    root : Path
        The course.
    repository : str
        ``OWNER/REPOSITORY`` on GitHub.
    branch : str
        From which it is opened.

    Raises
    ------
    ValueError
        Where the repository is not called so.
    """
    if not _REPOSITORY.fullmatch(repository):
        raise ValueError(
            f"expected OWNER/REPOSITORY, as in its address on GitHub; got {repository!r}"
        )
    return [
        f"- [![{lesson.title}, in Colab]({_PICTURE})]({_OPENS}/{repository}/blob/{branch}/"
        f"{lesson.path.relative_to(root).as_posix()}) {lesson.title}"
        for lesson in find_lessons(root / "release")
    ]


def main(arguments: Sequence[str]) -> int:
    """Print the badges; say what is wrong with the name of the repository."""
    if not 1 <= len(arguments) <= 2:
        print("usage: python3 -m course.maintain.badges OWNER/REPOSITORY [BRANCH]")
        return 2
    try:
        print("\n".join(badges(course_root(), *arguments)))
    except ValueError as error:
        print(error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
