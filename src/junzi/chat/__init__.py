"""One-to-one conversations between friends, and the list of everything that speaks to a person."""
