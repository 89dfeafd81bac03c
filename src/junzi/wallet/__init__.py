"""A person's money: balance, cards, top-up, transfers to another person's code, bills."""
