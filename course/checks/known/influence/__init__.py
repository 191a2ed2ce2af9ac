"""Tell what a result depends on, by changing one argument, weight or gate at a time."""
