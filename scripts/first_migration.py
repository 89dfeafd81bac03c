"""Write the first migration from the rooms' schema.sql files, lower floors first. Only while no release has been made."""

from pathlib import Path

ROOMS = (
    "kit",
    "ledger",
    "messages",
    "bank",
    "media",
    "people",
    "operators",
    "notices",
    "codes",
    "contacts",
    "chat",
    "wallet",
    "merchants",
    "standing",
    "coupons",
    "checkout",
    "settlement",
    "field",
    "growth",
)
PACKAGE = Path(__file__).parent.parent / "src" / "junzi"

if __name__ == "__main__":
    parts = [(PACKAGE / room / "schema.sql").read_text(encoding="utf-8").strip() for room in ROOMS]
    (PACKAGE / "migrations" / "0001_first.sql").write_text("\n\n\n".join(parts) + "\n", encoding="utf-8")
