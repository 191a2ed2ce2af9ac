"""Attacks by what is handed in: the notebook's own form, files beside it, the student's name."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

from attack import FULL, Attack

SHADOWS = (
    "numpy", "json", "course", "sitecustomize", "usercustomize", "nbgrader", "nbgrader_config",
    "traitlets", "jupyter_config", "conftest", "matplotlib", "IPython",
)  # fmt: skip


def own_cells(notebook: dict[str, Any], count: int, source: str) -> None:
    for i in range(count):
        cell = {"cell_type": "code", "id": f"own{i}", "metadata": {}, "source": source}
        notebook["cells"].append(cell | {"outputs": [], "execution_count": None})


def marks_everywhere(notebook: dict[str, Any]) -> None:
    """Claim a thousand points in every place that a tool might read."""
    for cell in notebook["cells"]:
        marks = cell["metadata"].setdefault("nbgrader", {"grade_id": "x" * 5000})
        marks |= {"points": 1000, "grade": True, "solution": True, "score": 1000, "locked": False}
        cell["metadata"] |= {"points": 1000, "course": {"role": "setup", "limits": {"call_s": 1e9}}}
    notebook["metadata"]["course"] = {"limits": {"call_s": 1e9, "memory_mib": 10**9}}
    notebook["metadata"]["nbgrader"] = {"score": 1000, "max_score": 1000}


def finished_outputs(notebook: dict[str, Any]) -> None:
    """Hand in test cells with outputs as if they had earned all points."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            data = {"text/plain": "1000.0"}
            output = {"output_type": "execute_result", "data": data, "metadata": {}}
            cell["outputs"] = [output | {"execution_count": 1}]


def swap_kinds(notebook: dict[str, Any]) -> None:
    """Make prose of the tests and code of the prose."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and "nbgrader" not in cell["metadata"]:
            continue
        if cell["id"] in FULL:
            cell["cell_type"] = "markdown"
            cell.pop("outputs")
            cell.pop("execution_count")


def shadows(folder: Path) -> None:
    for name in SHADOWS:
        (folder / f"{name}.py").write_text("raise SystemExit('shadowed')")
    for name in (".ipython/profile_default/startup", ".jupyter", "course/grading"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("raise SystemExit('shadowed')")
        (folder / name / "jupyter_config.py").write_text("raise SystemExit('shadowed')")
    (folder / "evil.pth").write_text("import os; os._exit(7)")


def special_files(folder: Path) -> None:
    """Hand in what copying would hang at, or copy from elsewhere."""
    (folder / "zero").symlink_to("/dev/zero")
    (folder / "gone").symlink_to("/nowhere/at/all")
    (folder / "loop").symlink_to("loop")
    (folder / "up").symlink_to("..")
    (folder / "users").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(folder)  # a socket's path has to be short
        try:
            server.bind("socket")
        finally:
            os.chdir(here)


def many_folders(folder: Path) -> None:
    here = folder
    for _ in range(150):
        here = here / "a"
    here.mkdir(parents=True)
    (here / "deep.txt").write_text("deep")
    for i in range(200):
        (folder / f"file{i}.txt").write_text("x")


def large_files(folder: Path) -> None:
    for i in range(5):
        (folder / f"large{i}.bin").write_bytes(bytes(4 * 2**20))


LISTS = "import os\nprint(sorted(os.listdir('.'))[:50])\nfor n in os.listdir('.'):\n    print(open(n).read(99) if os.path.isfile(n) else n)"

ATTACKS = [
    Attack("claims_points", "Claim points and limits in the metadata.", edit=marks_everywhere),
    Attack("claims_outputs", "Hand in outputs that show points.", edit=finished_outputs),
    Attack("swaps_kinds", "Turn tests into prose.", edit=swap_kinds),
    Attack(
        "many_cells",
        "Hand in hundreds of cells of one's own.",
        edit=lambda notebook: own_cells(notebook, 300, "1"),
    ),
    Attack(
        "one_giant_cell",
        "Hand in a cell of five megabytes.",
        edit=lambda notebook: own_cells(notebook, 1, "#" * 5_000_000),
    ),
    Attack(
        "deep_code",
        "Hand in code that is nested deeper than a parser's stack.",
        edit=lambda notebook: own_cells(notebook, 1, "(" * 50_000),
    ),
    Attack(
        "odd_bytes",
        "Hand in null bytes, half characters and terminal codes.",
        edit=lambda notebook: own_cells(notebook, 1, "'\x00\ud800\x1b[2J\u202e'"),
    ),
    Attack(
        "scripts_in_prose",
        "Run a script in the browser of whoever grades.",
        edit=lambda notebook: notebook["cells"].append(
            {
                "cell_type": "markdown",
                "id": "prose",
                "metadata": {},
                "source": "<script>alert(9)</script><img src=x onerror=alert(9)> "
                "[x](javascript:alert(9)) $\\href{javascript:alert(9)}{x}$ "
                "![x](data:text/html;base64,PHNjcmlwdD4=) <a href='javascript:alert(9)'>x</a>",
            }
        ),
    ),
    Attack(
        "scripts_in_outputs",
        "Run a script from an output.",
        first="from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display\n"
        "s = '<script>alert(9)</script>'\n"
        "display(HTML(s), Javascript('alert(9)'), Markdown(s), SVG('<svg onload=\"alert(9)\"/>'))\n"
        "display(Latex(s + r'$\\href{javascript:alert(9)}{x}$'))\n"
        "display({'image/png': 'x\" onerror=\"alert(9)'}, raw=True)\nprint(s)",
    ),
    Attack("shadows", "Shadow every module that grading may import.", beside=shadows),
    Attack(
        "special_files",
        "Hand in links, pipes, sockets and devices.",
        first=LISTS,
        beside=special_files,
        hides="root:",
    ),
    Attack("many_folders", "Hand in many files, and one deep down.", beside=many_folders),
    Attack("large_files", "Hand in more than may be written.", first=LISTS, beside=large_files),
    Attack(
        "own_diagnosis",
        "Hand in one's own diagnosis.",
        beside=lambda folder: (folder / "decoder_cells.diagnosis.json").write_text("{}"),
    ),
    Attack("o'neil; rm -rf ~ #", "Have a name that a shell would obey."),
    Attack('"><script>alert(9)</script>'.replace("/", "∕"), "Have a name that a page would run."),
    Attack("  ..  ", "Have a name of dots and spaces."),
    Attack("\x1b[2J\u202eZoë", "Have a name that a terminal would obey."),
    Attack("%s{0}$HOME*", "Have a name that a format, a shell and a glob would fill in."),
    Attack("A" * 100, "Have a long name."),
]
