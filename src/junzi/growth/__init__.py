"""What happened today, in figures: counted from stored events as they arrive, in tables of its own."""
