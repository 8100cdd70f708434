from django.apps import AppConfig


class TrunklineConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # Whoever enqueues a job must know the broker, not only the workers.
        from config import celery  # noqa: F401
