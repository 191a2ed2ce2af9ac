"""What whoever maintains the course runs: all that is generated, and the tests."""
