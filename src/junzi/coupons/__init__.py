"""Campaigns and coupons: promises of money off at shops, each covered by its campaign's budget in the ledger."""
