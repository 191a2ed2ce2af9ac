"""Teacher forcing in sequence models: a course that grades itself."""
