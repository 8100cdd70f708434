"""One conversation: turns, barge-in, transcript, latency parts. Begin with `conversation.py`."""

from media_workers.conversation.answering import Voice
from media_workers.conversation.conversation import Conversation, VoiceActivity

__all__ = ["Conversation", "Voice", "VoiceActivity"]
