from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0001_initial")]

    operations = [
        EnableRowSecurity("knowledge_knowledgebase"),
        EnableRowSecurity("knowledge_knowledgebaseevent"),
        EnableRowSecurity("knowledge_document"),
        EnableRowSecurity("knowledge_documentevent"),
        EnableRowSecurity("knowledge_chunk"),
        EnableRowSecurity("knowledge_word"),
        CompositeForeignKey("knowledge_document", "base_id", "knowledge_knowledgebase"),
        CompositeForeignKey("knowledge_chunk", "base_id", "knowledge_knowledgebase"),
        CompositeForeignKey("knowledge_chunk", "document_id", "knowledge_document"),
        CompositeForeignKey("knowledge_word", "base_id", "knowledge_knowledgebase"),
        CompositeForeignKey("knowledge_word", "document_id", "knowledge_document"),
    ]
