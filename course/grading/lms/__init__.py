"""To and from Canvas and Moodle."""
