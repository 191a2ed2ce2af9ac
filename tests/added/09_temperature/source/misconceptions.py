"""Known ways to get a temperature wrong."""

from course.lessons.misconceptions import Misconception

MISCONCEPTIONS = (
    Misconception(
        name="multiplies_by_the_temperature",
        function="soften",
        sentence="You multiplied the logits by the temperature; divide them, logits / temperature.",
        changes={"logits / temperature": "logits * temperature"},
        breaks=("temperature_divides",),
    ),
)
