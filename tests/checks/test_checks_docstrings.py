"""A docstring begins with a sentence of one's own, whatever its language and script."""

import pytest

from course import checks
from course.grading.releasing.first_sentences import PLACEHOLDER

SECTION = "\n\nArgs:\n    x: it\n"


def documented(text):
    def function():
        pass

    function.__doc__ = text
    return function


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "docstring is missing"),
        ("", "docstring is missing"),
        (" \n\t\n", "docstring is missing"),
        (12, "docstring is missing"),
        ("\n    Args:\n        x: it", "a section comes first"),
        ("Parameters\n----------\nx : it", "a section comes first"),
        ("Returns\n=======\nit", "a section comes first"),
        (":param x: the input of this step", "a section comes first"),
        (">>> rnn_cell_step(x_t, h_prev, params)", "a section comes first"),
        ("Args:\n    x: it\n\nCarry the memory one token further.", "a section comes first"),
        (PLACEHOLDER, "still the placeholder"),
        (PLACEHOLDER + SECTION, "still the placeholder"),
        (PLACEHOLDER.upper(), "still the placeholder"),
        (PLACEHOLDER.rstrip(".") + " !!", "still the placeholder"),
        (PLACEHOLDER.replace(" ", "\n    "), "still the placeholder"),
        ("Say in one sentence what this function is for.", "still the placeholder"),
        ("TODO: say in one sentence what this", "still the placeholder"),
        ("TODO", "still the placeholder"),
        (PLACEHOLDER + "\n\nCarry the memory one token further." + SECTION, "the placeholder"),
        (PLACEHOLDER + " No idea", "6 letters of your own"),
        ("TODO later", "5 letters of your own"),
        ("A step.", "5 letters of your own"),
        ("1234567890 +-*/ 1234567890", "0 letters of your own"),
        ("...........", "0 letters of your own"),
        ("\u6559\u5e08\u5f3a\u5236\u8bad\u7ec3\u3002", "6 letters of your own"),
    ],
)
def test_a_docstring_that_says_nothing_is_refused(text, said):
    with pytest.raises(AssertionError, match=said):
        checks.assert_docstring_written(documented(text))


@pytest.mark.parametrize(
    "text",
    [
        "Feed the true token,\n so that training is stable.",
        "\n\n    Carries memory.\n\n    Args:\n        x: it",
        "Carries the memory on.\nArgs:\n    x: it",
        "Steadies training",
        "This function plays a part in training that no other does.",
        "Returns the logits that the loss is made of.",
        "Arguments about feeding aside, it feeds the truth.",
        "Say what the next token is.",
        "TODO: carries the memory one token further.",
        PLACEHOLDER.rstrip(".") + ": it carries the memory one token further.",
        "Gives h, the memory of everything before." + SECTION,
        "\u00dcbertr\u00e4gt das Ged\u00e4chtnis.",
        "Gu\u0308te der Vorhersage",  # decomposed
        "\u6559\u5e08\u5f3a\u5236\u7528\u771f\u5b9e\u8bcd\u5143\u8bad\u7ec3\u6a21\u578b\u3002",
        "\u6b63\u89e3\u306e\u5358\u8a9e\u3092\u6b21\u306b\u5165\u529b\u3059\u308b\u3002",
        "\uc815\ub2f5 \ud1a0\ud070\uc744 \ub2e4\uc74c \ub2e8\uacc4\uc5d0 \ub123\ub294\ub2e4.",
        "\u0939\u0930 \u0915\u0926\u092e \u092a\u0930 \u0938\u0939\u0940 \u0936\u092c\u094d\u0926",
        "\u0e1b\u0e49\u0e2d\u0e19\u0e04\u0e33\u0e17\u0e35\u0e48\u0e16\u0e39\u0e01",
        "\u200f\u064a\u063a\u0630\u064a \u0627\u0644\u0631\u0645\u0632 \u0627\u0644\u0635",
        "\u05de\u05d6\u05d9\u05df \u05d0\u05ea \u05d4\u05d0\u05e1\u05d9\u05de\u05d5\u05df",
        "\ufeff\u041f\u0435\u0440\u0435\u0434\u0430\u0451\u0442 \u043f\u0430\u043c.",
        r"Makes $\\hat{y}_t$ from true tokens.",
    ],
)
def test_a_sentence_in_any_script_passes(text):
    checks.assert_docstring_written(documented(text))


def test_a_text_with_an_f_before_it_is_no_docstring_and_the_message_says_so():
    kind = "decoder"

    def function():
        f"""Carries the memory of the {kind} one token further."""  # noqa: B021

    with pytest.raises(AssertionError, match="a text with an f before it"):
        checks.assert_docstring_written(function)
