"""A student's process: started, limited, and ended."""
