"""Read how the coins of scheduled sampling fall, and which way of throwing them gives that."""
