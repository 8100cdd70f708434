"""With what a vendor is spoken to, and a vendor's settings as they stand in an agent's configuration."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers.base import ProviderError

NO_VOICE = str(Voice.model_fields["voice"].default)
"""flite's own: in another vendor's configuration it means that none was chosen."""


@dataclass(frozen=True, slots=True)
class Account:
    """A vendor's key and address. `base_url` is empty where the vendor's usual address is meant;
    `public_only` as in `Credential`."""

    vendor: str
    key: str
    base_url: str = ""
    region: str = ""
    digest: str = ""
    public_only: bool = False

    @classmethod
    def of(cls, vendor: str, credential: Credential | None) -> Account:
        """Raises `ProviderError` when there is no key."""
        if credential is None or not credential.api_key.strip():
            detail = f"has no key: store one for {vendor}, or have the platform's set"
            raise ProviderError("tts", vendor, detail, retryable=False)
        return cls(
            vendor,
            credential.api_key.strip(),
            credential.base_url.rstrip("/"),
            credential.region.strip(),
            credential.digest,
            credential.public_only,
        )

    def at(self, usual: str) -> str:
        """The address: the account's own, or the vendor's `usual` one."""
        return self.base_url or usual

    def voice(self, chosen: str, default: str) -> str:
        return default if chosen == NO_VOICE else chosen

    def number(self, extra: Mapping[str, str], name: str) -> float | None:
        """A setting that is a number; None when it is not set. Raises `ProviderError`."""
        text = extra.get(name, "").strip()
        if not text:
            return None
        try:
            return float(text)
        except ValueError:
            raise self.wrong(name, text, "a number") from None

    def choice(self, extra: Mapping[str, str], name: str, choices: Collection[str], default: str) -> str:
        """A setting that is one of `choices`. Raises `ProviderError`."""
        text = extra.get(name, "").strip() or default
        if text not in choices:
            raise self.wrong(name, text, " or ".join(choices))
        return text

    def wrong(self, name: str, value: str, wanted: str) -> ProviderError:
        return ProviderError(
            "tts", self.vendor, f"the setting {name} is {value!r}, not {wanted}", retryable=False
        )


def clamped(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


def language_of(tag: str) -> str:
    """`en` of `en-US`."""
    return tag.replace("_", "-").split("-")[0].lower()
