"""Who reads a call: the rules, or a model with the tenant's key."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from apps.analysis.errors import ReadingFailed
from apps.analysis.reading.read import read
from apps.analysis.reading.vendors import Reader
from apps.analysis.results import Result
from apps.analysis.rules.extract import extract
from apps.analysis.transcript import Conversation
from apps.analysis.wanted import Wanted
from apps.vendors.names import label_of
from apps.vendors.selectors import credentials_for
from media_workers.contract.analysis import AnalysisModel
from media_workers.contract.vendors import OWN_ENDPOINT, Credential


def reader_of(wanted: Wanted) -> Reader | None:
    """The model that is to read, in the tenant's scope; None: the rules do. ReadingFailed without a key."""
    model = wanted.analysis.model
    if model is None:
        return None
    if model.provider == OWN_ENDPOINT:
        credential = _of_address(model)
    else:
        found = credentials_for([model.provider]).get(model.provider)
        if found is None or not found.own:
            label = label_of(model.provider)
            raise ReadingFailed(
                f"There is no key of your own for {label}: add one under vendors' keys, or let the rules"
                " read the calls."
            )
        credential = found
    return Reader(model.provider, model.model, credential, model.timeout_ms / 1_000)


def result_of(conversation: Conversation, wanted: Wanted, reader: Reader | None) -> Result:
    """Outside any transaction. ReadingFailed."""
    if reader is None:
        return extract(conversation, wanted.fields, wanted.analysis)
    return read(reader, conversation, wanted.fields, wanted.analysis)


def _of_address(model: AnalysisModel) -> Credential:
    """A key goes only to the address that it was given for."""
    url = str(model.base_url).rstrip("/")
    known = credentials_for([OWN_ENDPOINT]).get(OWN_ENDPOINT)
    fits = known is not None and known.own and urlsplit(known.base_url)[:2] == urlsplit(url)[:2]
    return Credential(
        vendor=OWN_ENDPOINT,
        api_key=known.api_key if known is not None and fits else "",
        base_url=url,
        own=True,
        public_only=not settings.VENDORS_ALLOW_PRIVATE_ADDRESSES,
    )
