"""Read in which way the numbers of a schedule are wrong, and by which formula they come."""
