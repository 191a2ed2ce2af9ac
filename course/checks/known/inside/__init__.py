"""Tell what is wrong inside a cell, by what comes out of the decoder around it."""
