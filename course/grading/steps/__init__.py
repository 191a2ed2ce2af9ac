"""What becomes of a submission: read, made whole, judged, marked. All of it decides marks."""
