"""What of a tenant is old enough to go, kind by kind, and how it goes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Count, Max, Min, Model, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from apps.privacy.selectors import Holds
from apps.privacy.services.erasing import File, Gone


@dataclass(frozen=True, slots=True)
class Figures:
    """How many rows and files, the files' bytes, and the oldest and newest time that ages count from."""

    rows: int = 0
    files: int = 0
    size_bytes: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None

    def __add__(self, other: Figures) -> Figures:
        times = [time for time in (self.oldest, self.newest, other.oldest, other.newest) if time]
        return Figures(
            self.rows + other.rows,
            self.files + other.files,
            self.size_bytes + other.size_bytes,
            min(times, default=None),
            max(times, default=None),
        )


class Work(ABC):
    """Rows of one table that go with a kind. Everything here runs in the tenant's scope.

    `clock`: the path to the time that ages count from. `files`: paths to (size, key) of stored files that
    a row has or not.
    """

    clock: ClassVar[str]
    files: ClassVar[tuple[str, ...]] = ()
    related: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def due(self, before: datetime) -> QuerySet[Any]:
        """Rows that were over before that time and nothing else needs any more; held ones too."""

    @abstractmethod
    def held(self, holds: Holds) -> Q:
        """Those of them that `holds` keep."""

    @abstractmethod
    def erase(self, rows: Sequence[Any]) -> None:
        """Takes them away; the files are not its business."""

    def files_of(self, row: Any) -> tuple[File, ...]:
        return ()

    def not_held(self, before: datetime, holds: Holds) -> QuerySet[Any]:
        """What may go now."""
        return self.due(before).exclude(self.held(holds))

    def take(self, rows: Sequence[Any]) -> list[Gone]:
        """What goes with `rows`, as it is written down; then they are gone."""
        gone = [Gone(row.pk, self.time_of(row), self.files_of(row)) for row in rows]
        self.erase(rows)
        return gone

    def time_of(self, row: Any) -> datetime:
        value: Any = row
        for name in self.clock.split("__"):
            value = getattr(value, name)
        return value  # type: ignore[no-any-return]

    def figures(self, rows: QuerySet[Any]) -> Figures:
        """Of `rows`, counted by the database."""
        sums: dict[str, Any] = {f"files_{n}": Count(path) for n, path in enumerate(self.files)}
        sums |= {
            f"bytes_{n}": Coalesce(Sum(f"{path.rpartition('storage_key')[0]}size_bytes"), 0)
            for n, path in enumerate(self.files)
        }
        told = rows.order_by().aggregate(
            rows=Count("pk"), oldest=Min(self.clock), newest=Max(self.clock), **sums
        )
        count = range(len(self.files))
        return Figures(
            told["rows"],
            sum(told[f"files_{n}"] for n in count),
            sum(told[f"bytes_{n}"] for n in count),
            told["oldest"],
            told["newest"],
        )


def delete_rows(rows: QuerySet[Any]) -> int:
    """Without looking for what refers to them: constraints of the database do, at the end."""
    return int(rows._raw_delete(rows.db) or 0)  # None where there can be none


def ids(rows: Sequence[Model]) -> list[Any]:
    return [row.pk for row in rows]
