from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("numbers", "0007_orders")]

    operations = [
        EnableRowSecurity("numbers_numberaddress"),
        EnableRowSecurity("numbers_numberaddressevent"),
        EnableRowSecurity("numbers_numberbundle"),
        EnableRowSecurity("numbers_numberbundleevent"),
        EnableRowSecurity("numbers_numberorder"),
        EnableRowSecurity("numbers_numberorderevent"),
        EnableRowSecurity("numbers_rental"),
        EnableRowSecurity("numbers_portrequest"),
        EnableRowSecurity("numbers_portrequestevent"),
        CompositeForeignKey("numbers_numberorder", "agent_id", "agents_agent"),
        CompositeForeignKey("numbers_numberorder", "address_id", "numbers_numberaddress"),
        CompositeForeignKey("numbers_numberorder", "bundle_id", "numbers_numberbundle"),
        CompositeForeignKey("numbers_numberorder", "number_id", "numbers_phonenumber"),
        CompositeForeignKey("numbers_rental", "number_id", "numbers_phonenumber"),
        CompositeForeignKey("numbers_portrequest", "agent_id", "agents_agent"),
        CompositeForeignKey("numbers_portrequest", "address_id", "numbers_numberaddress"),
        CompositeForeignKey("numbers_portrequest", "order_id", "numbers_numberorder"),
    ]
