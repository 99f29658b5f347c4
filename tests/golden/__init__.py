"""What models answer, written down: one file per model, with the tolerance stated."""
