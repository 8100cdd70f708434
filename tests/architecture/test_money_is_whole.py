"""No float ever touches money: integer micro-units, `Decimal` where people write or read an amount."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

APPS = Path(__file__).parents[2] / "platform/apps"
MONEY = ("billing", "payments", "statements")
OF_CALLS = ("pricing.py", "vendor_usage.py", "vendor_estimate.py", "estimating.py", "paying_on.py")
LAYOUT = APPS / "statements/pdf.py"
"""Measures of paper."""

AMOUNT = re.compile(r"micros|amount|price|balance|cost")


def files() -> list[Path]:
    of_apps = [path for app in MONEY for path in (APPS / app).rglob("*.py") if "migrations" not in path.parts]
    of_calls = [APPS / "calls/services" / name for name in OF_CALLS]
    return sorted({*of_apps, *of_calls} - {LAYOUT})


def floats(source: str) -> Iterator[str]:
    """Where a float is written, made, or comes of dividing an amount (that is no `Decimal` or `Fraction`)."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"line {node.lineno}: {node.value}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            yield f"line {node.lineno}: float()"
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            text = ast.unparse(node)
            if AMOUNT.search(text) and not text.startswith(("Decimal(", "Fraction(")):
                yield f"line {node.lineno}: {text}"


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(APPS)))
def test_no_float_touches_money(path: Path) -> None:
    assert list(floats(path.read_text())) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("a = 0.9 * b", 1),
        ("float(a)", 1),
        ("cost / 2", 1),
        ("a_micros /= 2", 1),
        ("cost // 2", 0),
        ("Decimal(cost) / 2", 0),
        ("seconds / 4", 0),
    ],
)
def test_floats_are_found(source: str, found: int) -> None:
    assert len(list(floats(source))) == found
