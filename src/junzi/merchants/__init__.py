"""Shops: opened in three steps, with a code to print and a page that shows and speaks what comes in."""
