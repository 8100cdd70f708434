"""People's accounts: how django-allauth signs up, verifies, logs in and reminds, in our terms."""
