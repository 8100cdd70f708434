"""An answer that asks another server is made when the request's transaction is over."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.http.response import HttpResponseBase


class Afterwards(HttpResponse):
    """Stands for the answer of `make`, which `TenantRequestMiddleware` calls outside transaction and scope.

    A view returns it once it has read what it needs, so that no transaction is open, and no lock held,
    while an object store or a media node is slow. `make` raises nothing: a refusal is a problem.
    """

    def __init__(self, make: Callable[[], HttpResponseBase]) -> None:
        super().__init__()
        self._make = make

    def made(self) -> HttpResponseBase:
        """The real answer, with the headers that were put on this one."""
        answer = self._make()
        for name in ("Vary", "Allow"):
            if name in self:
                answer.setdefault(name, self[name])
        return answer
