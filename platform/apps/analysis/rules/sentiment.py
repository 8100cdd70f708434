"""How the caller feels, turn by turn, by a small English lexicon: words, what denies them and what stresses
them. Other languages have no score."""

from __future__ import annotations

from apps.analysis.text import Word, listed
from apps.analysis.transcript import Conversation, Line

# fmt: off
_GOOD = {
    2.0: """amazing awesome brilliant delighted excellent fantastic great lovely perfect perfectly superb
            terrific thrilled wonderful love loved best outstanding""",
    1.0: """appreciate appreciated glad good happy helpful kind like liked nice pleased pleasant thank thanks
            thankful satisfied smooth easy friendly fine well grateful enjoy enjoyed super cool works worked
            recommend impressed better relieved welcome""",
}
_BAD = {
    2.0: """angry awful disgusting dreadful fraud furious garbage hate hated horrible lawyer nightmare
            outrageous pathetic ridiculous rubbish scam scammers sue terrible unacceptable useless worst
            disgrace disgraceful stupid idiot idiots joke crap damn bullshit""",
    1.0: """annoyed annoying bad broken cancel cancelled complain complaint confused confusing damaged delayed
            disappointed disappointing dissatisfied fail failed fails frustrated frustrating hopeless late
            lost mistake poor problem problems rude sad sick slow stuck tired trouble unhappy upset worried
            worse wrong waste wasted unfair error issue issues difficult ignored refuse refund sorry""",
}
# fmt: on
_LEXICON = {word: weight for weight, text in _GOOD.items() for word in text.split()} | {
    word: -weight for weight, text in _BAD.items() for word in text.split()
}
_DENIED = frozenset(
    listed(
        """not no never don't doesn't didn't isn't wasn't aren't won't can't cannot couldn't wouldn't hardly
    without nothing neither nor haven't hasn't"""
    )
)
_STRESSED = frozenset(listed("very really so extremely absolutely totally completely incredibly too"))
_EXCEPT = {("no", "problem"): 0.5, ("no", "worries"): 0.5, ("no", "trouble"): 0.5, ("not", "bad"): 0.5}
_DAMP = 2.0


def of_turn(line: Line) -> float | None:
    """-1 to 1; None when the turn has no word that tells."""
    weights = list(_weights(line.words))
    if not weights:
        return None
    total = sum(weights)
    return max(-1.0, min(1.0, total / (abs(total) + _DAMP) * 1.5))


def over_time(conversation: Conversation) -> list[tuple[int, float]]:
    """(turn, score) of each of the caller's turns; a turn without a word that tells has 0."""
    if conversation.tongue != "en":
        return []
    return [(line.index, of_turn(line) or 0.0) for line in conversation.of("caller") if not line.keys]


def of_call(conversation: Conversation) -> float | None:
    """Of the whole call: the mean of the turns that tell, later ones counting more; None without any."""
    if conversation.tongue != "en":
        return None
    scores = [score for line in conversation.of("caller") if (score := of_turn(line)) is not None]
    if not scores:
        return None
    weights = range(1, len(scores) + 1)
    return sum(s * w for s, w in zip(scores, weights, strict=True)) / sum(weights)


def _weights(said: list[Word]) -> list[float]:
    found, n = [], 0
    while n < len(said):
        word, following = said[n].folded, said[n + 1].folded if n + 1 < len(said) else ""
        if (word, following) in _EXCEPT:
            found.append(_EXCEPT[word, following])
            n += 2
            continue
        if weight := _LEXICON.get(word):
            before = [w.folded for w in said[max(0, n - 3) : n]]
            weight *= 1.5 if before and before[-1] in _STRESSED else 1.0
            found.append(-0.75 * weight if _DENIED & set(before) else weight)
        n += 1
    return found
