"""A class's folders and gradebook: found, read, and written."""
