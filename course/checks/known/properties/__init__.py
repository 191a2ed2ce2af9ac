"""Tell what a wrong function does where no known mistake fits, from what can be measured of it."""
