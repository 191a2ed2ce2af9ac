"""A department's server: what keeps its people apart is looked at, and what is wrong is said."""
