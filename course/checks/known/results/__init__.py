"""Tell how the numbers that came are made of the right ones."""
