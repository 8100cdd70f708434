"""Everything that a model says of a call, checked."""

from __future__ import annotations

from collections.abc import Sequence

from apps.analysis.errors import ReadingFailed
from apps.analysis.reading import prompt
from apps.analysis.reading.checking import Checked, parsed
from apps.analysis.reading.schema import answer_schema
from apps.analysis.reading.vendors import Answer, Message, Reader, ask
from apps.analysis.results import Result
from apps.analysis.rules.judging import incomplete
from apps.analysis.transcript import Conversation
from media_workers.contract.analysis import CallAnalysis, ExtractionField

NO_JSON = "The answer is not one JSON object."
TWICE = "The model answered twice with something that is not the JSON it was asked for."


def read(
    reader: Reader,
    conversation: Conversation,
    fields: Sequence[ExtractionField],
    analysis: CallAnalysis,
) -> Result:
    """What the model makes of the call; faults are told to it once. Outside a transaction. ReadingFailed."""
    schema, system = answer_schema(fields, analysis), prompt.instructions(analysis)
    asked = [Message("user", prompt.transcript(conversation))]
    first = ask(reader, system, asked, schema)
    checked, faults = _checked(first, conversation, fields, analysis)
    spent = [first]
    if faults:
        mending = [*asked, Message("assistant", first.text or "{}"), Message("user", prompt.repair(faults))]
        spent.append(ask(reader, system, mending, schema))
        mended, _ = _checked(spent[-1], conversation, fields, analysis)
        checked = mended or checked
    if checked is None:
        raise ReadingFailed(TWICE)
    result = checked.result
    result.flags += incomplete(fields, result.values)
    result.prompt_tokens = sum(answer.prompt_tokens for answer in spent)
    result.completion_tokens = sum(answer.completion_tokens for answer in spent)
    return result


def _checked(
    answer: Answer,
    conversation: Conversation,
    fields: Sequence[ExtractionField],
    analysis: CallAnalysis,
) -> tuple[Checked | None, list[str]]:
    told = parsed(answer.text)
    if told is None:
        return None, [NO_JSON]
    checked = Checked(told, conversation, fields, analysis)
    return checked, checked.faults
