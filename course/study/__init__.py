"""How the shipped models are trained and measured, and which numbers lessons quote.

Arrows mean "imports": `reseal -> make_results -> make_weights -> training -> digests -> measures ->
grid`, `measures -> theory`; `tables -> quotes`, which read results alone.
"""
