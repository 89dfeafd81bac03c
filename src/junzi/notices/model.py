"""The nouns of notices: the services that speak to a person."""

from typing import Literal

SERVICE = "service"
SHOP = "shop"
"""Kinds of the conversations in which the house speaks."""

Service = Literal["pay", "coupons", "contacts"]
