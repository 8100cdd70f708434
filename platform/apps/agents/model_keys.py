"""What a configuration keeps secret: apart from the document, encrypted, by the places in it.

Of the models only `openai_compatible` ones bring a key with them, the model itself and those that may take
over from it; all others take a vendor's key (`apps.vendors`). The tools' secrets are those of `secrets`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from media_workers.contract.agent import AgentConfig, OpenAICompatibleModel
from media_workers.contract.tools import SECRET
from tenants.errors import InvalidFields, InvalidInput

Keys = dict[str, str]
"""By place: ``model``, ``fallbacks.models.0``, ``secrets.crm_token``."""

SECRETS = "secrets."


def split_keys(config: AgentConfig) -> tuple[dict[str, Any], dict[str, str | None]]:
    """`config` as JSON without its keys, and those; None for one that was left out."""
    models = {"model": config.model} | {
        f"fallbacks.models.{n}": model for n, model in enumerate(config.fallbacks.models)
    }
    keys = {
        place: model.api_key for place, model in models.items() if isinstance(model, OpenAICompatibleModel)
    }
    document = config.model_dump(mode="json")
    for _, model in _endpoints(document):
        model["api_key"] = None
    document["secrets"] = {}
    return document, keys | {SECRETS + name: value for name, value in config.secrets.items()}


def kept_keys(
    *, old: Mapping[str, Any], new: Mapping[str, Any], keys: Keys, given: Mapping[str, str | None]
) -> Keys:
    """The keys after a change from `old` to `new`: those `given`, and of places where none was given the one
    that their server had. An empty one is none.

    InvalidFields when an endpoint with a key moves to another server, or a tool would send a secret there: a
    key must not follow an address that somebody who cannot read it has typed in.
    """
    servers = {place: _server(model) for place, model in _endpoints(old)}
    found, faults = {}, []
    for place, model in _endpoints(new):
        key = given.get(place)
        if key is None:
            before = _place_of(_server(model), servers, place)
            if before is None and keys.get(place):
                faults.append(
                    InvalidInput(
                        "The endpoint is on another server: give its key, or an empty one.",
                        field=f"config.{place}.api_key",
                    )
                )
            key = keys.get(before, "") if before else ""
        found[place] = key
    secrets = {name: key for name, key in {**keys, **_told(given)}.items() if name.startswith(SECRETS)}
    faults += [
        InvalidInput(
            "It would be sent to a server that has not had it before: give it again.",
            field=f"config.{name}",
            code="secret_moves",
        )
        for name in secrets
        if not given.get(name) and goes_elsewhere(name.removeprefix(SECRETS), old=old, new=new)
    ]
    if faults:
        raise InvalidFields(faults)
    return {place: key for place, key in {**found, **secrets}.items() if key}


def goes_elsewhere(secret: str, *, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether `new` would send `secret` to a server that it does not go to in `old`."""
    return bool(_servers_of(secret, new) - _servers_of(secret, old))


def with_keys(document: Mapping[str, Any], keys: Keys) -> AgentConfig:
    """The configuration a line runs: `document` with its keys in place."""
    copy = json.loads(json.dumps(document))
    for place, model in _endpoints(copy):
        model["api_key"] = keys.get(place)
    copy["secrets"] = secrets_in(keys)
    return AgentConfig.model_validate(copy)


def secrets_in(keys: Mapping[str, str]) -> dict[str, str]:
    """The tools' secrets among `keys`, by their own names."""
    return {name.removeprefix(SECRETS): key for name, key in keys.items() if name.startswith(SECRETS)}


def stored(keys: Mapping[str, str | None]) -> str:
    """`keys` as text for an encrypted column; empty without any."""
    some = {place: key for place, key in keys.items() if key}
    return json.dumps(some, sort_keys=True) if some else ""


def read(text: str) -> Keys:
    """What `stored` made a text of."""
    return json.loads(text) if text else {}


def _endpoints(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The models that bring a key, by place."""
    fallbacks = document.get("fallbacks", {}).get("models", [])
    places = [("model", document["model"]), *((f"fallbacks.models.{n}", m) for n, m in enumerate(fallbacks))]
    yield from ((place, model) for place, model in places if model["provider"] == "openai_compatible")


def _told(given: Mapping[str, str | None]) -> Keys:
    return {place: key for place, key in given.items() if key is not None}


def _servers_of(secret: str, document: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Where the tools and the requests before a call send it."""
    senders = [*document.get("tools", ()), *document.get("prefetch", ())]
    return {
        _origin(sender["url"])
        for sender in senders
        if any(secret in SECRET.findall(value) for value in sender.get("headers", {}).values())
    }


def _place_of(server: tuple[str, str], servers: Mapping[str, tuple[str, str]], place: str) -> str | None:
    """Where `server` stood before, in the same place rather than in another; None when it is new."""
    if servers.get(place) == server:
        return place
    return next((other for other, known in servers.items() if known == server), None)


def _server(model: Mapping[str, Any]) -> tuple[str, str]:
    return _origin(model["base_url"])


def _origin(address: str) -> tuple[str, str]:
    url = urlsplit(address)
    return url.scheme, url.netloc
