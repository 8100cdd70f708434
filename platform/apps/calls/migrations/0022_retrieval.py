from django.db import migrations, models

_INCLUDED = [
    "created_at",
    "call",
    "endpoint_ms",
    "transcript_ms",
    "retrieval_ms",
    "first_token_ms",
    "sentence_ms",
    "first_audio_ms",
    "own_ms",
    "total_ms",
    "stt_vendor",
    "stt_model",
    "llm_vendor",
    "llm_model",
    "tts_vendor",
    "tts_model",
]


class Migration(migrations.Migration):
    dependencies = [("calls", "0021_legs_and_live_control")]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="retrieval_ms",
            field=models.IntegerField(blank=True, null=True),
        ),
        migrations.RemoveIndex(model_name="turn", name="calls_turn_response"),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(
                condition=models.Q(("speaker", "agent"), ("total_ms__isnull", False)),
                fields=["tenant", "id"],
                include=_INCLUDED,
                name="calls_turn_response",
            ),
        ),
    ]
