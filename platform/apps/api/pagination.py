"""Cursor pages: `limit` rows after an opaque `cursor`. Nothing is counted, nothing skipped or shown twice."""

from __future__ import annotations

import base64
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Model
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response


class CursorPagination(BasePagination):
    """``{"results": [...], "next_cursor": "..." | null}``, newest first (ids are UUIDv7).

    `ordering` names one unique field, with a minus for descending; a subclass may choose another.
    """

    ordering = "-id"
    default_limit = 50
    max_limit = 200

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        field = self.ordering.removeprefix("-")
        limit = self._limit(request)
        cursor = request.query_params.get("cursor", "")
        if cursor:
            step = "lt" if self.ordering.startswith("-") else "gt"
            queryset = queryset.filter(**{f"{field}__{step}": self._position(queryset.model, field, cursor)})
        rows = list(queryset.order_by(self.ordering)[: limit + 1])
        self.next_cursor = self._cursor(getattr(rows[limit - 1], field)) if len(rows) > limit else None
        return rows[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next_cursor": self.next_cursor})

    def _limit(self, request: Request) -> int:
        text = request.query_params.get("limit", str(self.default_limit))
        # Not one digit more than needed: int() refuses thousands of them in another way.
        digits = text.isascii() and text.isdigit() and len(text) <= len(str(self.max_limit))
        if not (digits and 1 <= int(text) <= self.max_limit):
            raise ValidationError({"limit": [f"Give a whole number from 1 to {self.max_limit}."]})
        return int(text)

    @staticmethod
    def _cursor(position: Any) -> str:
        return base64.urlsafe_b64encode(str(position).encode()).decode().rstrip("=")

    @staticmethod
    def _position(model: type[Model], field: str, cursor: str) -> Any:
        try:
            text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
            return model._meta.get_field(field).to_python(text)  # type: ignore[union-attr]
        except (ValueError, DjangoValidationError) as error:
            raise ValidationError({"cursor": ["Use the `next_cursor` of the page before."]}) from error

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next_cursor"],
            "properties": {
                "results": schema,
                "next_cursor": {
                    "type": ["string", "null"],
                    "description": "Give it as `cursor` for the next page; null on the last one.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": self.max_limit, "default": self.default_limit}
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "`next_cursor` of the page before.",
                "schema": {"type": "string"},
            },
            {"name": "limit", "in": "query", "required": False, "description": "Page size.", "schema": limit},
        ]
