from django.apps import AppConfig


class NumbersConfig(AppConfig):
    name = "apps.numbers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from apps.agents.signals import agent_archiving
        from apps.numbers.in_use import keep_agent, keep_trunk
        from apps.numbers.leaving import keep_while_numbers_cost
        from apps.numbers.selectors import countries_of_numbers
        from apps.numbers.telling import register_events, trunk_state_changed
        from telephony.trunks.signals import state_changed, trunk_archiving
        from tenants.countries import count_in
        from tenants.signals import tenant_leaving

        agent_archiving.connect(keep_agent)
        trunk_archiving.connect(keep_trunk)
        tenant_leaving.connect(keep_while_numbers_cost)
        count_in(countries_of_numbers)
        register_events()
        state_changed.connect(trunk_state_changed)
