"""What is done with webhooks; `publish` is what other domains call."""

from apps.webhooks.services.publish import Telling, anybody_wants, publish, publish_many

__all__ = ["Telling", "anybody_wants", "publish", "publish_many"]
