"""Everything that the rules know of a call."""

from __future__ import annotations

from collections.abc import Sequence

from apps.analysis.results import Result
from apps.analysis.rules import judging, sentiment
from apps.analysis.rules.fields import extract_all
from apps.analysis.rules.questions import unanswered
from apps.analysis.rules.summary import summary
from apps.analysis.transcript import Conversation
from media_workers.contract.analysis import CallAnalysis, ExtractionField


def extract(conversation: Conversation, fields: Sequence[ExtractionField], analysis: CallAnalysis) -> Result:
    """What `analysis` asks for. Pure: the same of the same conversation, always."""
    values = extract_all(fields, conversation)
    flags = judging.compliance(analysis.compliance, conversation) + judging.incomplete(fields, values)
    return Result(
        values=values,
        summary=summary(conversation, values) if analysis.summary else "",
        reasons=judging.judge(analysis.criteria, conversation, values),
        sentiment=sentiment.over_time(conversation) if analysis.sentiment else [],
        sentiment_score=sentiment.of_call(conversation) if analysis.sentiment else None,
        topics=judging.topics(analysis.topics, conversation),
        unanswered=unanswered(conversation) if analysis.unanswered else [],
        flags=flags,
    )
