"""How the shipped models are trained and measured, and which numbers lessons quote.

Arrows mean "imports": `reseal -> make_beyond -> make_experiments -> make_results -> make_weights
-> training -> digests -> measures -> grid`, `make_results -> theory`, `make_experiments ->
hypotheses -> ways -> measures`, `make_beyond -> delay, experts, rewards -> ways`,
`make_beyond -> path_star -> stars`,
`make_experiments, make_masks -> transformers -> measures`; `tables -> quotes`, which look at
results alone.
"""
