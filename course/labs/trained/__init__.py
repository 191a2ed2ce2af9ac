"""Lab: the same decoder, trained in different ways."""
