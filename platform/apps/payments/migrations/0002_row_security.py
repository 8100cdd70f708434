from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity, PlatformOnly


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        EnableRowSecurity("payments_customer"),
        EnableRowSecurity("payments_recharge"),
        EnableRowSecurity("payments_rechargeevent"),
        EnableRowSecurity("payments_subscription"),
        EnableRowSecurity("payments_payment"),
        EnableRowSecurity("payments_refund"),
        EnableRowSecurity("payments_refundevent"),
        EnableRowSecurity("payments_dispute"),
        PlatformOnly("payments_stripeevent"),
        PlatformOnly("payments_stripereconciliation"),
        PlatformOnly("payments_stripedifference"),
        CompositeForeignKey("payments_refund", "payment_id", "payments_payment"),
        CompositeForeignKey("payments_dispute", "payment_id", "payments_payment"),
    ]
