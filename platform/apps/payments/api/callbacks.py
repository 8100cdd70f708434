"""Where Stripe tells of what happened: POST /webhooks-in/stripe."""

from __future__ import annotations

import json

import stripe
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.api.problems import problem_response
from apps.payments.gateway.client import is_set_up
from apps.payments.services.events import receive

log = structlog.get_logger(__name__)

TOLERANCE_S = 300
"""A telling that is older is somebody's copy; Stripe signs each try anew."""


@csrf_exempt
@require_POST
def told(request: HttpRequest) -> HttpResponse:
    """204 as soon as it is written down; 400 for what Stripe has not signed, 404 without payments."""
    if not (is_set_up() and settings.STRIPE_WEBHOOK_SECRETS):
        return problem_response(404, "Payments are not set up on this platform.", "payments_not_set_up")
    body = request.body
    if not _is_signed(body, request.headers.get("Stripe-Signature", "")):
        return problem_response(400, "This is not signed with the webhook's secret.", "signature_invalid")
    try:
        event = json.loads(body)
        new = receive(event)
    except (ValueError, KeyError, TypeError, AttributeError):
        return problem_response(400, "This is no event of Stripe's.", "invalid")
    log.info("stripe_told", type=event["type"], new=new)
    return HttpResponse(status=204)


def _is_signed(body: bytes, signature: str) -> bool:
    """By one of the secrets: while one is rotated, there are two."""
    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        try:
            if stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_S):
                return True
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
    return False


urlpatterns = [path("stripe", told, name="stripe-callback")]
