from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity

OF_A_CALL = ("calls_calltag", "calls_callnote", "calls_callshare", "calls_redaction", "calls_turnword")


class Migration(migrations.Migration):
    dependencies = [("calls", "0025_after_call")]

    operations = [
        *[EnableRowSecurity(table) for table in OF_A_CALL],
        EnableRowSecurity("calls_filetodelete"),
        EnableRowSecurity("calls_searchlanguage"),
        *[CompositeForeignKey(table, "call_id", "calls_call") for table in OF_A_CALL],
    ]
