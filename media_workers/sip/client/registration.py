"""One registration at a carrier or PBX (RFC 3261, 10): what to send next, and when. Times are in seconds
of any steady clock that the caller has."""

from __future__ import annotations

import random
import re
import secrets
from typing import Final, Literal

from media_workers.contract.signalling import RegistrationTask
from media_workers.sip.client.digest import challenges, proof
from media_workers.sip.client.messages import Request, Response, Sender, build

FIRST_RETRY_S: Final = 5.0
LAST_RETRY_S: Final = 600.0
REFUSED_RETRY_S: Final = 60.0
"""After a refusal (wrong password, forbidden): many registrars block who tries more often."""

REFRESH_AT: Final = 0.8
"""Of the time granted; what is left allows for a few tries before it ends."""

MIN_EXPIRES_LIMIT_S: Final = 86_400
"""The longest time that is asked for, or believed."""

LEAST_REFRESH_S: Final = 5.0
"""However short a time is granted, a registrar is not asked more often."""

LONGEST_WAIT_S: Final = 3_600
"""However long a registrar wants us to wait (Retry-After): nobody else would try before."""

MAX_PROOFS: Final = 3
"""In a row: a registrar may find each nonce stale only so often."""

NO_CREDENTIALS = "The registrar did not accept the trunk's user name and password."

State = Literal["none", "registering", "registered", "failed", "backing_off"]


class Registration:
    """Not for two threads. `due_at` is when `request` is to be asked for the next message; the answer,
    or that none came, goes into `answered` or `failed`."""

    def __init__(
        self,
        task: RegistrationTask,
        *,
        contact: str,
        route: str = "",
        now: float,
        rng: random.Random | None = None,
    ) -> None:
        self.task = task
        self.state: State = "none"
        self.last_error = ""
        self.failures = 0
        self.expires_at: float | None = None
        self.due_at = now
        self._contact = contact
        self._route = route
        self._rng = rng or random.SystemRandom()
        host = task.registrar.host
        self._domain = f"[{host}]" if ":" in host else host
        self._expires_s = task.expires_s
        self._call_id = secrets.token_hex(16)
        self._from_tag = secrets.token_hex(6)
        self._cseq = 0
        self._proof: tuple[str, str] | None = None
        self._proofs = 0

    @property
    def over(self) -> bool:
        """It was to be taken back, and is."""
        return self.ending and self.state == "none" and self._cseq > 0

    @property
    def ending(self) -> bool:
        """It is being taken back."""
        return self._expires_s == 0

    def end(self, *, now: float) -> None:
        """Takes the registration back as soon as possible."""
        self._expires_s = 0
        self.due_at = now

    def request(self, sender: Sender) -> Request:
        """The REGISTER that is due, as `sender` sends it."""
        self._cseq += 1
        if self.state != "registered":
            self.state = "registering"
        headers = [
            ("Contact", f"<{self._contact}>;expires={self._expires_s}"),
            ("Expires", str(self._expires_s)),
        ]
        if self._route:
            headers.append(("Route", f"<{self._route}>"))
        if self._proof is not None:
            headers.append(self._proof)
            self._proof = None
        aor = f"sip:{self.task.user}@{self._domain}"
        return build(
            "REGISTER",
            self._uri,
            sender,
            from_uri=aor,
            to_uri=aor,
            call_id=self._call_id,
            cseq=self._cseq,
            from_tag=self._from_tag,
            headers=headers,
        )

    @property
    def _uri(self) -> str:
        registrar = self.task.registrar
        port = "" if registrar.port is None else f":{registrar.port}"
        transport = "" if registrar.transport == "udp" else f";transport={registrar.transport}"
        return f"sip:{self._domain}{port}{transport}"

    def answered(self, response: Response, *, now: float) -> None:
        """A final response to the last request."""
        if 200 <= response.code < 300:
            self._granted(response, now)
        elif response.code in {401, 407}:
            self._prove(response, now)
        elif response.code == 423:
            self._lengthen(response, now)
        else:
            words = f"{response.code} {response.reason}".strip()
            refused = response.code < 500 and response.code not in {408, 480}
            wait = response.retry_after_s
            self._fail(f"The registrar answered {words}.", now, refused=refused, wait=wait)

    def failed(self, why: str, *, now: float) -> None:
        """No answer came; `why` in words."""
        self._fail(why, now)

    def _granted(self, response: Response, now: float) -> None:
        self.failures, self.last_error, self._proofs = 0, "", 0
        if self.ending:
            self.state, self.expires_at, self.due_at = "none", None, float("inf")
            return
        granted = self._granted_s(response)
        self.state = "registered"
        self.expires_at = now + granted
        self.due_at = now + max(granted * REFRESH_AT, LEAST_REFRESH_S)

    def _granted_s(self, response: Response) -> int:
        """How long: of our own binding (there may be others'), else of all, else what we asked for."""
        ours = re.escape(self._contact.partition(";")[0])
        for value in response.all("contact"):
            match = re.search(ours + r"[^,]*?;\s*expires\s*=\s*\"?(\d{1,9})", value, re.IGNORECASE)
            if match:
                return _bounded(int(match[1]))
        match = re.match(r"\s*(\d{1,9})", response.first("expires"))
        return _bounded(int(match[1])) if match else self._expires_s

    def _prove(self, response: Response, now: float) -> None:
        offered = challenges(response.headers)
        if not offered:
            self._fail("The registrar asks for a proof that we do not know.", now, refused=True)
            return
        challenge = offered[0]
        if self._proofs and (not challenge.stale or self._proofs == MAX_PROOFS):
            self._fail(NO_CREDENTIALS, now, refused=True)
            return
        self._proofs += 1
        self._proof = proof(
            challenge,
            method="REGISTER",
            uri=self._uri,
            username=self.task.username,
            password=self.task.password,
            count=1,
        )
        self.due_at = now

    def _lengthen(self, response: Response, now: float) -> None:
        """423 Interval Too Brief: the registrar says how long it must be."""
        match = re.match(r"\s*(\d{1,9})", response.first("min-expires"))
        wanted = int(match[1]) if match else 0
        if not self.ending and self._expires_s < wanted <= MIN_EXPIRES_LIMIT_S:
            self._expires_s, self._proofs, self.due_at = wanted, 0, now
        else:
            self._fail("The registrar wants a longer time (423) and does not say which.", now, refused=True)

    def _fail(self, why: str, now: float, *, refused: bool = False, wait: int | None = None) -> None:
        """A registration that still runs stays one until it ends: calls come in all the same."""
        self.failures += 1
        self.last_error = why
        self._proofs = 0
        if self.ending:  # it ends by itself
            self.state, self.expires_at, self.due_at = "none", None, float("inf")
            return
        runs = self.expires_at is not None and self.expires_at > now
        if not runs:
            self.expires_at = None
            self.state = "failed" if refused else "backing_off"
        delay = REFUSED_RETRY_S if refused else FIRST_RETRY_S
        delay = min(delay * 2 ** min(self.failures - 1, 10), LAST_RETRY_S)
        delay *= self._rng.uniform(0.8, 1.2)  # a carrier that comes back is not to be met by all at once
        self.due_at = now + max(delay, min(wait or 0, LONGEST_WAIT_S))


def _bounded(granted_s: int) -> int:
    return min(max(1, granted_s), MIN_EXPIRES_LIMIT_S)
