"""Where order, coupon, funding and ledger meet: scan → order → coupon → PIN → paid."""
