"""Read how the coins of scheduled sampling fall, and which way of tossing them gives that."""
