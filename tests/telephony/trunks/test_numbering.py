from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from telephony.trunks.models import Trunk
from telephony.trunks.numbering import (
    is_international,
    read_caller,
    read_dialed,
    rule_of,
    write_dialed,
    write_number,
)


def trunk(**fields: Any) -> Trunk:
    return Trunk(name="T", tenant_id=uuid4(), **fields)


@pytest.mark.parametrize(
    ("fields", "e164", "written"),
    [
        ({}, "+12025550100", "+12025550100"),
        ({"number_format": "e164"}, "+12025550100", "12025550100"),
        ({"number_format": "national", "country": "US"}, "+12025550100", "2025550100"),
        ({"number_format": "national", "country": "GB"}, "+442079460018", "02079460018"),
        ({"number_format": "national", "country": "DE"}, "+4930901820", "030901820"),
        ({"number_format": "national", "country": "GB"}, "+12025550100", "0012025550100"),
        ({"number_format": "national", "country": "US"}, "+442079460018", "011442079460018"),
    ],
)
def test_numbers_are_written_as_the_carrier_wants(fields: dict[str, Any], e164: str, written: str) -> None:
    assert write_number(trunk(**fields), e164) == written


def test_the_tech_prefix_is_before_the_dialed_number_only() -> None:
    carrier = trunk(number_format="e164", tech_prefix="99#")
    assert write_dialed(carrier, "+12025550100") == "99#12025550100"
    assert write_number(carrier, "+12025550100") == "12025550100"


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("+12025550100", "+12025550100"),
        ("12025550100", "+12025550100"),
        ("0012025550100", "+12025550100"),
        ("01112025550100", "+12025550100"),
        ("+1-202-555-0100", "+12025550100"),
        ("0100", None),
        ("+0012025550100", None),
        ("alice", None),
        ("", None),
        ("+12345678901234567", None),
        ("１２０２５５５０１００", None),
    ],
)
def test_what_carriers_write_into_a_request_uri(text: str, e164: str | None) -> None:
    assert read_dialed(text) == ([e164] if e164 else [])


@pytest.mark.parametrize(
    ("fields", "text", "read"),
    [
        ({"country": "GB"}, "02079460018", ["+442079460018"]),
        ({"country": "US"}, "2025550100", ["+12025550100", "+2025550100"]),
        ({"country": "US"}, "+12025550100", ["+12025550100"]),
        ({"country": "GB"}, "00442079460018", ["+442079460018"]),
        ({"inbound_strip": 3}, "99#12025550100", ["+12025550100"]),
        ({"inbound_prefix": "+4930"}, "901820", ["+4930901820", "+901820"]),
        ({"inbound_strip": 1, "inbound_prefix": "+49"}, "030901820", ["+4930901820"]),
        ({"inbound_strip": 3, "country": "GB"}, "77702079460018", ["+442079460018", "+77702079460018"]),
        ({"inbound_strip": 16}, "12025550100", ["+12025550100"]),
    ],
)
def test_a_trunk_reads_numbers_its_own_way(fields: dict[str, Any], text: str, read: list[str]) -> None:
    assert read_dialed(text, rule_of(trunk(**fields))) == read


@pytest.mark.parametrize(
    ("text", "certain"),
    [("+1202", True), ("001202", True), ("0111202", True), ("1202", False), ("0202", False)],
)
def test_what_says_that_a_country_code_follows(text: str, certain: bool) -> None:
    assert is_international(text) is certain


@pytest.mark.parametrize(
    ("fields", "text", "read"),
    [
        ({"country": "GB"}, "020 7946 0018", "+442079460018"),
        ({"country": "GB"}, "0012025550101", "+12025550101"),
        ({}, "12025550101", "12025550101"),
        ({"country": "GB"}, "anonymous", "anonymous"),
        ({}, "+1 202 555 0101", "+12025550101"),
        ({}, "", ""),
    ],
)
def test_a_caller_is_shown_in_e164_where_certain(fields: dict[str, Any], text: str, read: str) -> None:
    assert read_caller(text, trunk(**fields)) == read
