"""Errors of the domain. The API turns each into its status code; services know no HTTP."""

from __future__ import annotations

from collections.abc import Mapping


class DomainError(Exception):
    """Something a caller did that cannot be done; `detail` says it in words, with the remedy.

    `field` names the input it is about, dotted (``gateways.0.host``), or is empty. `members` are what a
    kind of error tells programs besides.
    """

    code = "error"
    members: Mapping[str, str | int] = {}

    def __init__(self, detail: str, *, field: str = "", code: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.code = code or self.code


class InvalidInput(DomainError):
    """A value that was given cannot be used."""

    code = "invalid"


class InvalidFields(InvalidInput):
    """Several values cannot be used: `errors` holds one `InvalidInput` for each."""

    def __init__(self, errors: list[InvalidInput]) -> None:
        super().__init__("; ".join(f"{e.field}: {e.detail}" for e in errors))
        self.errors = errors


class NotFound(DomainError):
    """The thing asked for does not exist for this tenant."""

    code = "not_found"


class Gone(DomainError):
    """The thing asked for was there, and is not any more, for good."""

    code = "gone"


class Conflict(DomainError):
    """The request is fine, the present state forbids it."""

    code = "conflict"


class Stale(Conflict):
    """What was to be changed has been changed by somebody else meanwhile: read it again first.

    `updated_by` is the name of who did it, as the audit log has it, and `updated_at` when (ISO 8601); each is
    left out where that is not known.
    """

    code = "stale"

    def __init__(self, detail: str, *, updated_by: str = "", updated_at: str = "") -> None:
        super().__init__(detail)
        told = {"updated_by": updated_by, "updated_at": updated_at}
        self.members = {name: value for name, value in told.items() if value}


class PaymentRequired(DomainError):
    """It costs more than there is; `detail` says what is missing and how to pay it in."""

    code = "payment_required"


class NotAllowed(DomainError):
    """Whoever asks may not do this."""

    code = "permission_denied"


class LimitReached(DomainError):
    """A limit of the tenant or the platform is reached; `retry_after_s` says when to try again."""

    code = "limit_reached"

    def __init__(self, detail: str, *, code: str = "", retry_after_s: int | None = None) -> None:
        super().__init__(detail, code=code)
        self.retry_after_s = retry_after_s


class Unavailable(DomainError):
    """Something needed for this cannot be reached now; `retry_after_s` says when to try again."""

    code = "unavailable"

    def __init__(self, detail: str, *, code: str = "", retry_after_s: int = 2) -> None:
        super().__init__(detail, code=code)
        self.retry_after_s = retry_after_s
