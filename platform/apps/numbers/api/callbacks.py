"""What carriers tell us: requests of theirs, each signed by its carrier."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.numbers.services.porting import look_at_port
from apps.numbers.signals import message_told
from telephony.carriers.base import NotSigned
from telephony.carriers.registry import SELLERS
from telephony.carriers.values import MessageNews, News, PortNews
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)

MOST_BYTES = 64 * 1024


@csrf_exempt
@require_POST
def hear(request: HttpRequest, carrier: str) -> HttpResponse:
    """204 for what the carrier signed, understood or not; 403 for anything else. Twice does no harm."""
    seller = SELLERS.get(carrier)
    if seller is None:
        return HttpResponse(status=404)
    if int(request.headers.get("content-length") or 0) > MOST_BYTES:
        return HttpResponse(status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    # As the carrier knows us: what a proxy in front of us made of the host is not signed.
    url = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    try:
        told = seller.hear(url=url, headers=headers, body=request.body)
    except NotSigned as error:
        log.warning("callback_not_signed", carrier=carrier, why=str(error))
        return HttpResponse(status=403)
    for news in told:
        _pass_on(carrier, news)
    return HttpResponse(status=204)


def _pass_on(carrier: str, news: News) -> None:
    if isinstance(news, PortNews):
        with platform_scope():
            look_at_port(carrier=carrier, carrier_id=news.id)
    else:
        message_told.send(MessageNews, key=news.key, problem=news.problem, billed=news.billed)
