"""Questions of the caller's that the agent could not answer, by the agent's own words after them."""

from __future__ import annotations

from apps.analysis.text import first_of, listed, shortened
from apps.analysis.transcript import Conversation, Line

_DOES_NOT_KNOW = [
        "i don't know", "i do not know", "i'm not sure", "i am not sure", "i'm afraid i don't",
        "i don't have that", "i do not have that", "i don't have any information",
        "i don't have information", "i have no information", "i don't have access",
        "i do not have access", "i can't answer", "i cannot answer", "i'm unable to",
        "i am unable to", "i can't help with", "i cannot help with", "i can't help you with",
        "not able to answer", "i couldn't find", "i could not find", "i can't find", "i cannot find",
        "i did not understand", "i didn't understand", "i do not understand", "i don't understand",
        "i did not get that", "i didn't get that", "i didn't catch that", "that's beyond",
        "you would have to ask", "you'll have to ask", "no information about", "i can't tell you",
        "i cannot tell you", "weiß ich nicht", "das weiß ich leider nicht", "dazu habe ich keine",
        "no lo sé", "no tengo esa información", "je ne sais pas", "je n'ai pas cette information"
    ]  # fmt: skip
_ASKS = listed(
    """what who where when why how which can could do does did is are was will would may has have should
    wer was wann wo wie warum welche kann qué quién cuándo dónde cómo qui quand où comment pourquoi
    est-ce"""
)
_LEADS = frozenset(
    listed("""and but so okay ok well um uh yes no hi hello then also please oh excuse sorry me""")
)
_LONGEST = 300


def unanswered(conversation: Conversation) -> list[tuple[int, str]]:
    """(turn, question) of each that the agent had no answer to."""
    found, asked = [], None
    for line in conversation.lines:
        if line.speaker == "caller":
            asked = line if is_question(line) else asked if asked and _goes_on(line) else None
        elif asked is not None:
            if first_of(line.words, _DOES_NOT_KNOW):
                found.append((asked.index, shortened(_question(asked), _LONGEST)))
                asked = None
            elif "?" not in line.text:
                asked = None
    return found


def is_question(line: Line) -> bool:
    """By its mark, or where a transcriber writes none by its first word."""
    if line.keys or not line.words:
        return False
    if "?" in line.text:
        return True
    first = next((word.folded for word in line.words if word.folded not in _LEADS), "")
    return first in _ASKS and len(line.words) >= 3


def _goes_on(line: Line) -> bool:
    """A word or two between the question and its answer do not take it back."""
    return len(line.words) <= 2


def _question(line: Line) -> str:
    """The sentence with the mark, of several."""
    if "?" not in line.text:
        return line.text
    upto = line.text.rindex("?") + 1
    start = max(line.text.rfind(mark, 0, upto - 1) for mark in (". ", "! ", "? "))
    return line.text[start + 1 : upto].strip() if start >= 0 else line.text[:upto].strip()
