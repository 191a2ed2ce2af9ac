"""What is known of each exercise, and what is told of a function that is wrong, by its outputs."""
