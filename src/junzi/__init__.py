"""Junzi: chat, a wallet, payment at shops and consumption coupons, in one program."""

__version__ = "0.1.0"
