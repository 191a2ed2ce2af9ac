"""What this lesson claims of a right answer."""

from course.checks.dashboard.claims import DOCUMENTED, LEAVES, Claim
from course.checks.dashboard.comparisons import numbers, usable

CLAIMS = {
    "soften": (
        Claim("gives shape (O,)", usable("sharper"), "return an array", probe="sharper"),
        Claim("divides by the temperature", numbers("sharper", "flatter"), "logits / temperature"),
        LEAVES,
        DOCUMENTED,
    )
}

BEGIN = {"soften": "divide the logits by the temperature, and print what comes."}
