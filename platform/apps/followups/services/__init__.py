from apps.followups.services.callbacks import (
    ask_callback,
    cancel_callback,
    drop_taken,
    keep_taken,
    place_due_callbacks,
    taken_callbacks,
)
from apps.followups.services.messages import ask_message, send_due_messages, send_message

__all__ = [
    "ask_callback",
    "ask_message",
    "cancel_callback",
    "drop_taken",
    "keep_taken",
    "place_due_callbacks",
    "send_due_messages",
    "send_message",
    "taken_callbacks",
]
