"""How a shop stands with the operator: what it may receive a day, whether its code holds, and what is noticed of it."""
