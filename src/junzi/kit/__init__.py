"""What every room stands on: database, group commit, outbox, idempotency, clock, ids, money, errors, web."""
