"""A lesson generated: into the gradebook, and to students."""
