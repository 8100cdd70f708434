from __future__ import annotations

import pytest

from telephony.carriers.base import CarrierDown
from telephony.carriers.money import micros, price


@pytest.mark.parametrize(
    ("text", "amount"), [("1.15", 1_150_000), ("0.0000001", 1), ("0", 0), ("", 0), (None, 0)]
)
def test_an_amount_is_whole_and_rounded_up(text: str | None, amount: int) -> None:
    assert micros(text) == amount


@pytest.mark.parametrize("text", ["free", "NaN", "Infinity", "1,15"])
def test_what_is_no_amount_is_not_taken_for_one(text: str) -> None:
    for read in (micros, price):
        with pytest.raises(CarrierDown):
            read(text)


@pytest.mark.parametrize("text", [None, "", " "])
def test_nothing_that_is_sold_is_free_because_its_price_is_missing(text: str | None) -> None:
    with pytest.raises(CarrierDown):
        price(text)
    assert price("0") == 0
