"""Wrong answers in a style of their own, and what each of them has to be told."""
