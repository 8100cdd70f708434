"""The built dashboard's files, also when it is built again under a running server."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]


class DashboardFiles(WhiteNoiseMiddleware):
    """WhiteNoise lists the files when it starts. Here a new build is listed as soon as something of it is
    asked for, and a file that went with the old one is a 404 (WhiteNoise fails on it)."""

    files: dict[str, object]
    _listed: ClassVar[dict[tuple[str, str, int], dict[str, object]]] = {}
    """By folder, prefix and build: every handler of a process (each of Django's test clients is one) would
    look at hundreds of files again."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        self._built_at = _built_at()
        super().__init__(*args, **kwargs)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith("/assets/") and path not in self.files:
            self._look_again()
        try:
            answer: HttpResponseBase = super().__call__(request)
        except FileNotFoundError:
            if path not in self.files:
                raise
            self._look_again()
            del self.files[path]
            answer = self.get_response(request)
        return answer

    def update_files_dictionary(self, root: str, prefix: str) -> None:
        listing = (root, prefix, _built_at())
        if listing not in self._listed:
            known: dict[str, object] = self.files
            self.files = self._listed[listing] = {}
            super().update_files_dictionary(root, prefix)
            self.files = known
        self.files.update(self._listed[listing])

    def _look_again(self) -> None:
        built_at = _built_at()
        if built_at != self._built_at:
            self._built_at = built_at
            self.add_files(settings.WHITENOISE_ROOT)


def _built_at() -> int:
    """The time of the build, ns; 0 while there is none."""
    try:
        return (settings.WHITENOISE_ROOT / "index.html").stat().st_mtime_ns
    except FileNotFoundError:
        return 0
