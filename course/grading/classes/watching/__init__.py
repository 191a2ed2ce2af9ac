"""What arrives is graded: `python3 -m course watch`."""
