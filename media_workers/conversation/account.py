"""What an answer cost, and who worked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from media_workers.contract.acts import Retrieval
from media_workers.contract.events import PassedOver, ServedBy, ToolTime, TurnAccount, TurnUsage
from media_workers.contract.vendors import Credential, Kind, key_of
from media_workers.conversation.latency import Timing
from media_workers.providers.base import ProviderError, Served, Transcript, Usage


@dataclass(slots=True)
class Account:
    """Of one turn of the agent, while it is made. `told`: the turn has been reported; `dropped`: it never
    will be. Then what still comes in belongs to the next one that is."""

    served: dict[Kind, Served] = field(default_factory=dict)
    passed_over: list[PassedOver] = field(default_factory=list)
    tools: list[ToolTime] = field(default_factory=list)
    retrieval: Retrieval | None = None
    usage: TurnUsage = field(default_factory=TurnUsage)
    told: bool = False
    dropped: bool = False


class Ledger:
    """The accounts of a call. Every method is called with the call's lock held.

    What belongs to no turn that is reported (answers that were dropped, a transcriber that failed while
    nobody spoke) is carried to the next turn that is.
    """

    def __init__(self, credentials: Mapping[str, Credential], sent_ms: Callable[[], int]) -> None:
        self._credentials = credentials
        self._sent_ms = sent_ms
        self._told_ms = 0
        self._carried = Account()
        self._heard_by: Served | None = None

    def heard(self, transcript: Transcript) -> None:
        if transcript.vendor:
            self._heard_by = Served(transcript.vendor, transcript.model)

    def served(self, account: Account, kind: Kind, by: Served) -> None:
        account.served[kind] = by

    def passed_over(self, account: Account | None, error: ProviderError, after_ms: int) -> None:
        """None: of no turn."""
        kind = cast(Kind, error.component)
        gone = PassedOver(
            component=kind, vendor=error.provider, reason=error.detail[:300], after_ms=max(0, after_ms)
        )
        self._open(account).passed_over.append(gone)

    def used(self, account: Account, usage: Usage) -> None:
        tokens = usage.input_tokens + usage.output_tokens
        self.spend(
            account,
            TurnUsage(
                input_tokens=usage.input_tokens,
                cached_tokens=usage.cached_tokens,
                output_tokens=usage.output_tokens,
                discarded_tokens=tokens if account.dropped else 0,
            ),
        )

    def spoke(self, account: Account, text: str) -> None:
        """A voice was asked to say it."""
        count = len(text)
        discarded = count if account.dropped else 0
        self.spend(account, TurnUsage(characters=count, discarded_characters=discarded))

    def ran(self, account: Account | None, name: str, took_ms: int) -> None:
        self._open(account).tools.append(ToolTime(name=name[:200], took_ms=max(0, took_ms)))

    def looked_up(self, account: Account, found: Retrieval) -> None:
        """Documents were searched for the turn; of a second search the sources are added."""
        before = account.retrieval
        if before is None or before.query == found.query:
            account.retrieval = before or found
            return
        account.retrieval = Retrieval(
            query=found.query,
            took_ms=before.took_ms + found.took_ms,
            sources=[*before.sources, *(one for one in found.sources if one not in before.sources)],
            trouble=found.trouble or before.trouble,
        )

    def drop(self, account: Account) -> None:
        """Nobody will hear of the turn, but its vendors want to be paid."""
        if account.told or account.dropped:
            return
        account.dropped = True
        usage = account.usage
        discarded = usage.model_copy(
            update={
                "discarded_tokens": usage.input_tokens + usage.output_tokens,
                "discarded_characters": usage.characters,
            }
        )
        self._carry(account, discarded)

    def silent(self, account: Account) -> None:
        """The turn had nothing to say, and is not reported."""
        if not (account.told or account.dropped):
            account.told = True
            self._carry(account, account.usage)

    def close(
        self, account: Account, timing: Timing | None, *, heard: bool, endpointing: str, drafts: int
    ) -> TurnAccount:
        """The account of a turn that is reported now. `heard`: it answers words of the caller."""
        account.told = True
        before, self._carried = self._carried, Account()
        sent_ms = self._sent_ms()
        audio_ms, self._told_ms = max(0, sent_ms - self._told_ms), sent_ms
        served = dict(account.served)
        if heard and self._heard_by is not None:
            served["stt"] = self._heard_by
        usage = _sum(_sum(before.usage, account.usage), TurnUsage(audio_ms=audio_ms))
        return TurnAccount(
            **({"moments": timing.moments()} if timing is not None else {}),
            endpointing=endpointing,
            drafts=drafts,
            served_by=[self._by(kind, by) for kind, by in sorted(served.items())],
            passed_over=before.passed_over + account.passed_over,
            tools=before.tools + account.tools,
            retrieval=account.retrieval,
            usage=usage,
        )

    def _by(self, kind: Kind, by: Served) -> ServedBy:
        credential = self._credentials.get(key_of(by.vendor, by.model))
        own = credential is not None and credential.own
        return ServedBy(component=kind, vendor=by.vendor, model=by.model, own_key=own)

    def _open(self, account: Account | None) -> Account:
        return self._carried if account is None or account.told or account.dropped else account

    def spend(self, account: Account, usage: TurnUsage) -> None:
        """Adds what a vendor will bill."""
        place = self._open(account)
        place.usage = _sum(place.usage, usage)

    def _carry(self, account: Account, usage: TurnUsage) -> None:
        self._carried.usage = _sum(self._carried.usage, usage)
        self._carried.passed_over += account.passed_over
        self._carried.tools += account.tools


def _sum(first: TurnUsage, second: TurnUsage) -> TurnUsage:
    other = second.model_dump()
    return TurnUsage(**{name: value + other[name] for name, value in first.model_dump().items()})
