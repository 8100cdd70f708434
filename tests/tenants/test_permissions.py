from __future__ import annotations

import re
from pathlib import Path

import pytest

from tenants.permissions import ALL_PERMISSIONS, PERMISSIONS, Role, permissions_of


def test_an_owner_may_do_everything() -> None:
    assert permissions_of("owner") == ALL_PERMISSIONS


def test_every_role_is_in_the_table() -> None:
    assert set(PERMISSIONS) == set(Role)


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("admin", "team.write", "tenant.write"),
        ("developer", "calls.place", "team.write"),
        ("analyst", "calls.read", "calls.place"),
        ("billing", "billing.write", "calls.read"),
    ],
)
def test_each_role_has_its_border(role: str, may: str, may_not: str) -> None:
    assert may in permissions_of(role)
    assert may_not not in permissions_of(role)


def test_an_analyst_changes_nothing_but_what_is_noted_of_calls() -> None:
    assert {p for p in permissions_of("analyst") if not p.endswith(".read")} == {"calls.annotate"}


def test_an_unknown_role_is_an_error() -> None:
    with pytest.raises(ValueError, match="root"):
        permissions_of("root")


def test_the_guide_shows_this_table() -> None:
    guide = (Path(__file__).parents[2] / "docs/guides/api.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|(.*)\|$", guide, flags=re.MULTILINE)
    shown: dict[str, set[str]] = {role: set() for role in Role}
    for names, cells in rows:
        for role, cell in zip(Role, cells.split("|"), strict=True):
            if cell.strip() == "yes":
                shown[role] |= set(re.findall(r"`([a-z.]+)`", names))

    assert shown == PERMISSIONS
