"""The built dashboard's files, also when it is built again under a running server."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]


class DashboardFiles(WhiteNoiseMiddleware):
    """WhiteNoise lists the files when it starts. Here a new build is listed as soon as something of it is
    asked for, and a file that went with the old one is a 404 (WhiteNoise fails on it)."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._built_at = _built_at()

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
