from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_initial")]

    operations = [
        EnableRowSecurity("webhooks_endpoint"),
        EnableRowSecurity("webhooks_endpointevent"),
        EnableRowSecurity("webhooks_endpointsecret"),
        EnableRowSecurity("webhooks_event"),
        EnableRowSecurity("webhooks_delivery"),
        EnableRowSecurity("webhooks_deliveryattempt"),
        EnableRowSecurity("webhooks_callhook"),
        EnableRowSecurity("webhooks_callhookevent"),
        CompositeForeignKey("webhooks_endpointsecret", "endpoint_id", "webhooks_endpoint"),
        CompositeForeignKey("webhooks_delivery", "endpoint_id", "webhooks_endpoint"),
        CompositeForeignKey("webhooks_delivery", "event_id", "webhooks_event"),
        CompositeForeignKey("webhooks_deliveryattempt", "delivery_id", "webhooks_delivery"),
    ]
