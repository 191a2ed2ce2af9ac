"""Read what goes into each step of a decoder: which input is fed, and from which state."""
