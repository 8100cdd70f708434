"""Usage as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator

from apps.billing.services.posting import in_words
from apps.statements.components import words_of
from apps.statements.selectors import Usage, UsageRow
from tenants.csv_text import csv_rows


def usage_csv(found: Usage) -> bytes:
    """A row for each row of `found`, then the total; amounts in whole units and parts of the currency."""
    components = sorted(found.total.components, key=lambda name: -found.total.components[name])
    head = [found.wish.group_by, "name", "calls", "seconds", "amount", "currency"]
    return csv_rows(
        [
            [*head, *map(words_of, components)],
            *(list(_cells(row, components, found.currency)) for row in found.rows),
            list(_cells(found.total, components, found.currency, name="Total")),
        ]
    )


def _cells(row: UsageRow, components: list[str], currency: str, *, name: str = "") -> Iterator[str]:
    yield from (row.key or "", name or row.name, str(row.calls), str(row.seconds))
    yield from (_amount(row.micros), currency)
    yield from (_amount(row.components.get(component, 0)) for component in components)


def _amount(micros: int) -> str:
    return in_words(micros).split()[0]
