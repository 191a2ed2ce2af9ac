form = {
    "hypothesis": "Own tokens lower the error on the ring.",
    "direction": "lower",
    "measure": "own_prefix_error",
    "held_out": 200,
    "seeds": 9,
    "change_my_mind": "An interval that lies above zero.",
}
