"""Pictures in a student's prose are seen by whoever reads the graded copy, whatever their names."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell

from course.grading.steps.prose import MOST_FORMATTED, MOST_TOGETHER, disarm

PNG = "iVBORw0KGgoAAAANSUhEUg=="


def prose(text: str, *names: str, mime: str = "image/png", folder: Path | None = None) -> str:
    """Return the page's part for some prose with pictures of these names."""
    cell: NotebookNode = new_markdown_cell(text)
    cell["attachments"] = {name: {mime: PNG} for name in names}
    disarm([cell], set(), folder)
    attachments = cell.get("attachments", {})
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    return str(MarkdownWithMath(renderer=renderer).render(cell.source))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("![image.png](attachment:image.png)", "image.png"),
        ("![](attachment:image.png)", "image.png"),
        ("![s](attachment:Screenshot 2025.png)", "Screenshot 2025.png"),
        ("![s](attachment:Screenshot%202025.png)", "Screenshot 2025.png"),
        ("![s](attachment:Screenshot%202025.png)", "Screenshot%202025.png"),
        ("![s](<attachment:Screenshot 2025.png>)", "Screenshot 2025.png"),
        ("![lösung](attachment:lösung.png)", "lösung.png"),
        ("![l](attachment:l%C3%B6sung.png)", "lösung.png"),
        (f"![l](attachment:{unicodedata.normalize('NFD', 'lösung.png')})", "lösung.png"),
        ("![图](attachment:图片.png)", "图片.png"),
        ("![Figure [1].png](attachment:6f1c.png)", "6f1c.png"),
        (r"![a\]b](attachment:6f1c.png)", "6f1c.png"),
        ("![a](attachment:my picture (1).png)", "my picture (1).png"),
        ('![a](attachment:image.png "a title (mine)")', "image.png"),
        ("![a](attachment:image.png 'a title')", "image.png"),
        ("![a]( attachment:image.png )", "image.png"),
        ("![a](attachment:image.png =200x)", "image.png"),
        (r"![a](attachment:im\_1.png)", "im_1.png"),
        ("![a](attachment:a&amp;b.png)", "a&b.png"),
        ("![a](attachment:IMG_1.PNG)", "IMG_1.PNG"),
        ("![a](attachment:img_1.png)", "IMG_1.PNG"),
        ("![a](attachment:50%.png)", "50%.png"),
        ("![a][p]\n\n[p]: attachment:image.png", "image.png"),
        ("![p][]\n\n[p]: <attachment:my image.png> 'a title'", "my image.png"),
        ("![p]\n\n[P]: attachment:image.png", "image.png"),
        ('<img src="attachment:image.png" width="200">', "image.png"),
        ("<p>\n<IMG alt='a > b' SRC='attachment:my%20image.png'/></p>", "my image.png"),
        ("<center><img src=attachment:image.png></center>", "image.png"),
        ("[![a](attachment:image.png)](https://a.test)", "image.png"),
        ("| a |\n| - |\n| ![x|y](attachment:image.png) |", "image.png"),
        ("- ![a](attachment:my image.png)", "my image.png"),
        ("![a](attachment:renamed.png)", "image.png"),
        ("[a](attachment:image.png)", "image.png"),
        ("![[[[[a]]]]](attachment:image.png)", "image.png"),
    ],
)
def test_a_picture_is_seen_however_its_name_is_spelled(text: str, name: str) -> None:
    assert prose(text, name).count(f'<img src="data:image/png;base64,{PNG}"') == 1


def test_each_picture_is_seen_in_its_place() -> None:
    page = prose(
        "one ![a](attachment:a b.png) two ![b](attachment:ö.png) three", "ö.png", "a b.png"
    )
    assert [part.split('alt="')[-1][:1] for part in page.split("<img")[1:]] == ["a", "b"]
    assert page.index("one") < page.index("<img") < page.index("two")


@pytest.mark.parametrize("sign", ["[", "![a](", "\\begin{a}", "`` ", "<b>", "~~~\n", "$$"])
def test_prose_too_long_to_be_formatted_is_there_as_it_was_typed(sign: str) -> None:
    cell: NotebookNode = new_markdown_cell(sign * (MOST_FORMATTED // len(sign) + 1) + "the end")
    cell["attachments"] = {"my image.png": {"image/png": PNG}}
    disarm([cell], set())
    renderer = IPythonRenderer(escape=False, attachments=cell.attachments)
    page = str(MarkdownWithMath(renderer=renderer).render(cell.source))
    [block] = re.findall("<pre><code>(.*?)</code></pre>", page, re.DOTALL)
    assert block.endswith("the end\n")
    assert page.count("<img") == page.count(f'<img src="data:image/png;base64,{PNG}"') == 1


def test_prose_of_many_cells_is_formatted_up_to_a_length_together() -> None:
    cells = [new_markdown_cell("*word* " * 1500) for _ in range(30)]
    disarm(cells, set())
    formatted = [not cell.source.startswith("**This text") for cell in cells]
    assert formatted == sorted(formatted, reverse=True)
    assert sum(formatted) == MOST_TOGETHER // len("*word* " * 1500)


def test_a_picture_written_out_in_letters_does_not_cost_the_text_its_form() -> None:
    page = prose(f"*mine* ![a](data:image/png;base64,{'iVBORw0KGgo' * 9000}) and more")
    assert "<em>mine</em>" in page
    assert len(page) < 300


@pytest.mark.parametrize("mime", ["image/png", "image/jpeg", "image/gif", "image/webp"])
def test_pixels_of_every_usual_kind_are_seen(mime: str) -> None:
    assert f'<img src="data:{mime};base64,' in prose("![a](attachment:p q)", "p q", mime=mime)


@pytest.mark.parametrize("mime", ["image/svg+xml", "text/html", "application/pdf"])
def test_what_is_no_picture_of_pixels_is_not_kept(mime: str) -> None:
    page = prose("![drawn](attachment:drawn.svg)", "drawn.svg", mime=mime)
    assert "<img" not in page
    assert "drawn" in page


def test_a_picture_that_the_text_does_not_speak_of_stays_out_of_sight() -> None:
    assert "<img" not in prose("No picture.", "image.png")


@pytest.mark.parametrize(
    "text",
    [
        "![a](attachment:image.png)](https://evil.test/x.png)",
        "![![a](attachment:image.png)](https://evil.test/x.png)",
        "![a](attachment:image.png](https://evil.test/x.png)",
        "![x][p]\n\n[p]: attachment:image.png\n[q]: https://evil.test/x.png\n\n![y][q] ![q]",
        "![x](https://evil.test/x.png 'attachment:image.png')",
        "<img src='attachment:image.png' srcset='https://evil.test/x.png'>",
        "<img src='https://evil.test/x.png' alt='attachment:image.png'>",
        "![a](attachment:image.png) \ue0000\ue001(https://evil.test/x.png)",
        "!\ue000[a](https://evil.test/x.png)",
        "!<img src='attachment:image.png'>[a](https://evil.test/x.png)",
        "![<img src='attachment:image.png' alt='](https://evil.test/x.png)'>](attachment:image.png)",
        "<img src='attachment:image.png' alt='![a](https://evil.test/x.png)'>",
        "<img src='attachment:image.png' alt='&lt;script src=https://evil.test>&lt;/script>'>",
        "![a&#93;(https://evil.test/x.png)![](attachment:image.png)",
    ],
)
def test_nothing_is_loaded_from_elsewhere_beside_a_picture(text: str) -> None:
    page = prose(text, "image.png")
    for tag in page.split("<")[1:]:
        name = tag.split(">")[0].split()[0].lower()
        assert name not in ("script", "iframe")
        assert not (name == "img" and "evil" in tag.split(">")[0].split(" alt=")[0])
        assert "srcset=" not in tag.split(" alt=")[0]


def test_a_picture_beside_the_notebook_is_seen(tmp_path: Path) -> None:
    (tmp_path / "my ö.png").write_bytes(b"p")
    text = "![a](my%20ö.png) and <img src='my ö.png'>"
    assert prose(text, folder=tmp_path).count('<img src="data:image/png;base64,cA=="') == 2


@pytest.mark.parametrize("place", ["../secret.png", "/secret.png", "link.png", "linked/secret.png"])
def test_no_picture_is_taken_from_outside_the_submission(tmp_path: Path, place: str) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    handed_in = tmp_path / "submitted"
    handed_in.mkdir()
    (handed_in / "link.png").symlink_to(tmp_path / "secret.png")
    (handed_in / "linked").symlink_to(tmp_path)
    assert "data:" not in prose(f"![a]({place})", folder=handed_in)
