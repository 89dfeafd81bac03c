"""A shop's money on its way to the bank, and the statements that account for it."""
