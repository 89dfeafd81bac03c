"""The rails: cards bound at an issuer, and money taken from them."""
