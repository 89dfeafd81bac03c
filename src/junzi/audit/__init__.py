"""The auditor: derives from history what the books and logs say, and tells every difference.

It shares no code with what it checks, and reads with a connection and with queries of its own.
"""

from junzi.audit.audit import CHECKS, Finding, Seal, audit, last_seal, report

__all__ = ["CHECKS", "Finding", "Seal", "audit", "last_seal", "report"]
