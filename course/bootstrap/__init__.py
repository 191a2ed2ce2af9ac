"""The way in, with the standard library only: environment, lock, live output, problems, files."""
