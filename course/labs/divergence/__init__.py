"""Lab: how far a decoder drifts from the truth when it is fed its own tokens."""
