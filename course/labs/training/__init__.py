"""Lab: train two decoders now."""
