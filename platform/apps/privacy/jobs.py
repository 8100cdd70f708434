"""Names of this domain's jobs."""

LOOK = "privacy.look"
PURGE = "privacy.purge"
LOOK_REQUESTS = "privacy.look_requests"
ANSWER = "privacy.answer"
