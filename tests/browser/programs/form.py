form = {
    "hypothesis": "Write here what you claim, and why.",
    "direction": "",  # of B beside A: "lower", "higher" or "same"
    "measure": "own_prefix_error",
    "held_out": 1000,  # sequences, 100 to 1000
    "seeds": 5,  # 2 to 9
    "change_my_mind": "Write here which result would change your mind.",
}
