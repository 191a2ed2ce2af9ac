"""The form of an experiment as a learner has filled it in."""

FORM = {
    "hypothesis": "Own tokens in training lower the error.",
    "direction": "lower",
    "measure": "own_prefix_error",
    "held_out": 100,
    "seeds": 3,
    "change_my_mind": "An interval that lies above zero.",
}
