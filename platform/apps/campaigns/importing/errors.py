"""What is wrong with a file as a whole."""

from __future__ import annotations

from tenants.errors import InvalidInput


class FileRefused(InvalidInput):
    """The file cannot be imported at all; `code` is for programs."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail, field="file", code=code)
