"""A file of rates comes in whole, or not at all, with every row that is wrong by its number."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.billing.models import Rate
from apps.billing.services.importing_rates import Imported, RatesRefused, import_rates
from tenants.errors import InvalidInput
from tenants.scope import platform_scope
from tenants.services import create_user

pytestmark = pytest.mark.django_db
NOVEMBER, DECEMBER = (datetime(2026, month, 1, tzinfo=UTC) for month in (11, 12))
JANUARY = datetime(2027, 1, 1, tzinfo=UTC)
FILE = """prefix,price,cost,first_s,step_s,name,direction
+1,0.0140,0.0085,1,1,United States,
44,0.02,,60,60,United Kingdom,outbound
1,0.0085,,,,,inbound
"""


def brought(text: str, since: datetime = NOVEMBER, carrier: str = "twilio") -> Imported:
    with platform_scope():
        return import_rates(carrier=carrier, lines=io.StringIO(text, newline=""), effective_from=since)


def rows(prefix: str = "1", direction: str = "outbound") -> list[tuple[int, datetime, datetime | None]]:
    with platform_scope():
        found = Rate.objects.filter(prefix=prefix, direction=direction).order_by("effective_from")
        return list(found.values_list("micros_per_minute", "effective_from", "effective_until"))


def refused(text: str) -> list[str]:
    with pytest.raises(RatesRefused) as no:
        brought(text)
    with platform_scope():
        assert not Rate.objects.exists(), "half of it came in"
    return no.value.rows


def test_a_file_comes_in(db: None) -> None:
    assert brought(FILE) == Imported(3, 0)
    with platform_scope():
        uk, us = Rate.objects.get(prefix="44"), Rate.objects.get(prefix="1", direction="outbound")
    assert (uk.first_s, uk.step_s, uk.cost_micros_per_minute, uk.micros_per_minute) == (60, 60, None, 20_000)
    assert (us.cost_micros_per_minute, us.name, us.effective_until) == (8_500, "United States", None)


def test_new_rates_end_those_of_before_and_leave_those_to_come() -> None:
    brought("prefix,price\n1,0.01\n", NOVEMBER)
    assert brought("prefix,price\n1,0.03\n", JANUARY) == Imported(1, 1)
    assert brought("prefix,price\n1,0.02\n", DECEMBER) == Imported(1, 1)
    assert rows() == [
        (10_000, NOVEMBER, DECEMBER),
        (20_000, DECEMBER, JANUARY),
        (30_000, JANUARY, None),
    ]


def test_the_same_file_again_changes_nothing_and_a_corrected_one_its_prices() -> None:
    brought(FILE)
    assert brought(FILE) == Imported(3, 0)
    brought("prefix,price\n1,0.015\n")
    assert rows() == [(15_000, NOVEMBER, None)]
    assert len(rows("44")) == 1


def test_a_file_may_have_the_days_itself() -> None:
    text = "prefix,price,effective_from\n1,0.02,2026-12-01\n1,0.03,2027-01-01T00:00:00Z\n1,0.01,\n"
    assert brought(text) == Imported(3, 0)
    assert rows() == [
        (10_000, NOVEMBER, DECEMBER),
        (20_000, DECEMBER, JANUARY),
        (30_000, JANUARY, None),
    ]
    assert brought(text) == Imported(3, 0)
    assert len(rows()) == 3


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("x44,0.01,,,,,", "no prefix"),
        ("1234567890123456,0.01,,,,,", "no prefix"),
        ("44,free,,,,,", "no amount"),
        ("44,,,,,,", "no amount"),
        ("44,NaN,,,,,", "no amount"),
        ("44,0.0000001,,,,,", "six digits"),
        ("44,-1,,,,,", "between 0"),
        ("44,1001,,,,,", "between 0"),
        ("44,0.01,x,,,,", "the cost"),
        ("44,0.01,,0,,,", "first_s"),
        ("44,0.01,,,61,,", "step_s"),
        ("44,0.01,,,²,,", "step_s"),
        ("44,0.01,,,,,sideways", "no direction"),
        ("44,0.01", "not as many values"),
        ("44,0.01,,,,,,,9", "not as many values"),
        ("+1,0.01,,,,,", "as in row 2"),
    ],
)
def test_a_bad_row_is_named_and_nothing_comes_in(row: str, why: str) -> None:
    (told,) = refused(f"{FILE}{row}\n")
    assert told.startswith("Row 5: ")
    assert why in told


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is missing"),
        ("prefix\n1\n", "'price' is missing"),
        ("prefix,price,colour\n1,1,red\n", "no column 'colour'"),
        ("prefix,price,price\n1,1,1\n", "named twice"),
        ("prefix,price\n", "no rate"),
        ('prefix,price\n1,"0.01\n', "no CSV"),
        ("prefix,price,effective_from\n1,1,soon\n", "no date"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(text: str, why: str) -> None:
    assert why in " ".join(refused(text))


def test_all_bad_rows_are_told_at_once() -> None:
    assert len(refused("prefix,price\n" + "x,1\n" * 30)) == 30


@pytest.mark.parametrize("carrier", ["", "Twilio", "no spaces", "x" * 21])
def test_a_carrier_has_a_name_of_the_platform(carrier: str) -> None:
    with pytest.raises(InvalidInput) as no:
        brought(FILE, carrier=carrier)
    assert no.value.field == "carrier"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200) | st.text(alphabet='pricefx,\n"0123.-+', max_size=120))
def test_anything_comes_in_or_is_refused(db: None, text: str) -> None:
    with suppress(RatesRefused):
        assert brought(text).rates > 0


def test_many_rates_come_in_at_once() -> None:
    text = "prefix,price\n" + "".join(f"{n},0.01\n" for n in range(10_000, 30_000))
    assert brought(text) == Imported(20_000, 0)
    assert brought(text, DECEMBER) == Imported(20_000, 20_000)


def test_the_command_imports_and_says_what_is_wrong(tmp_path: Path) -> None:
    good, bad, latin = (tmp_path / name for name in ("good.csv", "bad.csv", "latin.csv"))
    good.write_text("\ufeff" + FILE)
    bad.write_text("prefix,price\nx,y\n")
    latin.write_bytes(b"prefix,price,name\n1,0.01,Z\xfcrich\n")
    out = io.StringIO()
    call_command("import_rates", "twilio", str(good), "--from", "2026-11-01", stdout=out)
    assert out.getvalue().startswith("3 rates, 0 of before")
    assert rows()[0][1] == NOVEMBER
    for file in (bad, latin, tmp_path / "none.csv"):
        with pytest.raises(CommandError, match="Nothing was imported"):
            call_command("import_rates", "twilio", str(file))
    with pytest.raises(CommandError, match="no date"):
        call_command("import_rates", "twilio", str(good), "--from", "soon")


def test_staff_import_rates_on_their_page() -> None:
    with platform_scope():
        staff = create_user(email="staff@example.com")
        staff.is_staff = staff.is_superuser = True
        staff.save()
    client = Client()
    client.force_login(staff)
    url = reverse("admin:billing_rate_bring")

    def post(content: bytes) -> int:
        file = SimpleUploadedFile("rates.csv", content)
        return client.post(url, {"carrier": "twilio", "file": file}).status_code

    assert client.get(url).status_code == 200
    assert post(b"prefix,price\n1,x\n") == post(b"\xff\xfe") == 200
    assert rows() == []
    assert post(FILE.encode()) == 302
    assert len(rows()) == 1
    for page in ("rate", "plan", "planoftenant", "minutesused"):
        assert client.get(reverse(f"admin:billing_{page}_changelist")).status_code == 200
