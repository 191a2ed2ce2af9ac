"""What all labs look like: controls, a picture, words; and when they compute."""
