"""Tell what is wrong with an answer: each module is one who tells, `diagnosis` has their order."""
