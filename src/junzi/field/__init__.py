"""The offline team: places of the street, wishes, and the codes of other wallets."""
