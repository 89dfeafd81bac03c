"""The sandbox card issuer: a bank that never was, for the demo and the tests.

It is a program of its own with its own database, ledger and process, so that whoever talks to it meets what a real bank
has in store: declines, delays, silence, answers given twice and connections cut at the worst moment.
"""

__version__ = "0.1.0"
