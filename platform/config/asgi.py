"""ASGI: Django for HTTP, Channels for live sockets."""

from __future__ import annotations

import os
import warnings

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# WhiteNoise serves the few assets of the API's page this way; they are small.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
http = get_asgi_application()  # before anything that needs the models

from apps.calls.routing import websocket_urlpatterns as of_calls  # noqa: E402
from apps.calls.services.recordings import MAX_BYTES  # noqa: E402
from apps.campaigns.routing import websocket_urlpatterns as of_campaigns  # noqa: E402
from config.body_limit import BodyLimit  # noqa: E402
from config.origins import BrowserOrigins  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": BodyLimit(
            http,
            limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
            internal=MAX_BYTES,
            # The parts of a form have heads.
            uploads=settings.KNOWLEDGE_MAX_DOCUMENT_BYTES + 64 * 1024,
            imports=settings.IMPORT_MAX_BYTES + 64 * 1024,
        ),
        "websocket": BrowserOrigins(AuthMiddlewareStack(URLRouter([*of_calls, *of_campaigns]))),
    }
)
