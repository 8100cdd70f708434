"""Filters of lists."""

from __future__ import annotations

from typing import Any

from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request


class AskedFilters(DjangoFilterBackend):
    """Builds those filters of the view's set that the request names, and none of the others: building a
    dozen, with their form fields, takes as long as writing ten rows."""

    def get_filterset(self, request: Request, queryset: Any, view: Any) -> Any:
        filters = self.get_filterset_class(view, queryset)
        asked = set(request.query_params)
        named = {n: f for n, f in filters.base_filters.items() if n in asked} if filters else {}
        if not named:
            return None
        filterset = filters.__new__(filters)
        filterset.base_filters = named
        filterset.__init__(**self.get_filterset_kwargs(request, queryset, view))
        return filterset
