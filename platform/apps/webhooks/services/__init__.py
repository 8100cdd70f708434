"""What is done with webhooks; `publish` is what other domains call."""

from apps.webhooks.services.publish import publish

__all__ = ["publish"]
