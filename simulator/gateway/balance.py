"""Money: two wallets an account, in whole millionths of the currency, so that no cent is ever rounded away (decision
D23).
"""

from decimal import Decimal

MICROS = 1_000_000
UNLIMITED_SMS = 2**31 - 1
"""What /balance answers as `available_sms` where a segment costs nothing."""


def micros(amount: float) -> int:
    """Millionths of an amount as a person wrote it: 0.1 is a tenth, not the nearest binary fraction."""
    return int((Decimal(str(amount)) * MICROS).to_integral_value())


def amount(value: int) -> float:
    """The number that JSON shows: the float nearest to the exact amount."""
    return value / MICROS


class Wallet:
    """What an account has to spend: prepaid first, then postpaid. A wallet that doesn't exist is None."""

    __slots__ = ("postpaid", "prepaid", "unit_price")

    def __init__(self, prepaid: float | None, postpaid: float | None, unit_price: float) -> None:
        self.prepaid = None if prepaid is None else micros(prepaid)
        self.postpaid = None if postpaid is None else micros(postpaid)
        self.unit_price = micros(unit_price)

    @property
    def balance(self) -> int:
        return (self.prepaid or 0) + (self.postpaid or 0)

    @property
    def available_sms(self) -> int:
        return self.balance // self.unit_price if self.unit_price else UNLIMITED_SMS

    def take(self, cost: int) -> None:
        """Charge `cost`; the caller has made sure that it is there."""
        from_prepaid = min(cost, max(self.prepaid or 0, 0))
        if self.prepaid is not None:
            self.prepaid -= from_prepaid
        if cost > from_prepaid:
            self.postpaid = (self.postpaid or 0) - (cost - from_prepaid)

    def give_back(self, cost: int) -> None:
        """Refund: to the prepaid wallet, whichever was charged (decision D22)."""
        self.prepaid = (self.prepaid or 0) + cost
