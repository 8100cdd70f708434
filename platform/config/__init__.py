"""Settings, root URLs, ASGI and Celery: the place where the parts are put together."""
