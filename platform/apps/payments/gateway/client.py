"""The connection, and Stripe's errors as ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import stripe
import structlog
from django.conf import settings

from apps.payments.errors import CardRefused, PaymentsNotSetUp, StripeDown, StripeKeyRefused, StripeRefused
from apps.payments.words import decline_in_words

log = structlog.get_logger(__name__)

API_VERSION = "2026-10-28.endive"
"""The only place that names it. Objects are read in `facts` as this version has them."""

CONNECT_S = 5

# The library would write a file into the home folder and tell Stripe of each request's duration.
stripe.enable_telemetry = False
# It tells of each request.
logging.getLogger("stripe").setLevel(logging.WARNING)


def is_set_up() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)


def in_test_mode() -> bool:
    """Whether the key is one of Stripe's test keys: nobody's money moves."""
    return str(settings.STRIPE_SECRET_KEY).startswith(("sk_test_", "rk_test_"))


def stripe_client() -> stripe.StripeClient:
    """PaymentsNotSetUp without a key."""
    if not is_set_up():
        raise PaymentsNotSetUp
    return _client(
        settings.STRIPE_SECRET_KEY,
        settings.STRIPE_API_BASE,
        settings.STRIPE_TIMEOUT_S,
        settings.STRIPE_MAX_RETRIES,
    )


@lru_cache(maxsize=4)
def _client(key: str, base: str, timeout_s: int, retries: int) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": base},
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=(CONNECT_S, timeout_s)),
    )


@contextmanager
def asking() -> Iterator[stripe.StripeClient]:
    """Asks Stripe inside. StripeDown when it cannot say (what was asked for may be done), StripeKeyRefused,
    CardRefused, StripeRefused."""
    client = stripe_client()
    try:
        yield client
    except stripe.CardError as error:
        code = str((error.error and error.error.decline_code) or error.code or "")
        raise CardRefused(decline_in_words(code, own=error.user_message or ""), reason=code) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        log.error("stripe_key_refused", request_id=error.request_id, error=type(error).__name__)
        raise StripeKeyRefused from error
    except (stripe.InvalidRequestError, stripe.IdempotencyError) as error:
        log.warning("stripe_refused", request_id=error.request_id, code=error.code)
        raise StripeRefused(error.user_message or "", reason=error.code or "") from error
    except stripe.StripeError as error:
        log.warning("stripe_down", request_id=error.request_id, error=type(error).__name__)
        raise StripeDown from error


def plain(answer: Any) -> dict[str, Any]:
    """An object of the library as dictionaries and lists."""
    found: dict[str, Any] = answer.to_dict()
    return found


def key(name: str) -> stripe.RequestOptions:
    """The options of a POST that is done once under `name`."""
    return {"idempotency_key": name}
