"""Money is an integer number of minor units (fen, cents) of one currency. No floats anywhere."""

from typing import Annotated

import msgspec

MOST_MINOR = 10**12
"""The largest single amount that is accepted: below 2**53, so that JSON keeps it exact."""

AmountMinor = Annotated[
    int, msgspec.Meta(ge=1, le=MOST_MINOR, description="Minor units of the home currency, positive")
]


class Currency(msgspec.Struct, frozen=True):
    """A currency as ISO 4217 names it; codes from 1000 up are local currencies and vouchers."""

    code: str
    number: int
    decimals: int
    symbol: str


CURRENCIES = {
    currency.code: currency
    for currency in (
        Currency("CNY", 156, 2, "¥"),
        Currency("EUR", 978, 2, "€"),
        Currency("USD", 840, 2, "$"),
        Currency("JPY", 392, 0, "¥"),
        Currency("KWD", 414, 3, "KD"),
    )
}


def written(amount_minor: int, currency: Currency) -> str:
    """The amount as a person reads it: `written(1850, CNY)` is `¥18.50`."""
    sign = "−" if amount_minor < 0 else ""
    whole, rest = divmod(abs(amount_minor), 10**currency.decimals)
    fraction = f".{rest:0{currency.decimals}d}" if currency.decimals else ""
    return f"{sign}{currency.symbol}{whole:,}{fraction}"
