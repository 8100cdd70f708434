from django.apps import AppConfig


class TrunksConfig(AppConfig):
    name = "telephony.trunks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from telephony.trunks.selectors import countries_of_trunks
        from tenants.countries import count_in

        count_in(countries_of_trunks)
