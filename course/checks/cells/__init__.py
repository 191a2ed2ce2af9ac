"""What test cells are written with: small inputs, assertions, and coins read off logits."""
