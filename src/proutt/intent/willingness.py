"""Whether an utterance says that its user wants no more questions: by rules, where the words are clear (III-E)."""

from __future__ import annotations

import re

_UNWILLING = {
    "en": re.compile(
        r"\bstop asking|\bno more (?:\w+ )?questions|\benough (?:\w+ )?questions|\b(?:so|too) many questions|"
        r"\bkeep(?:s)? asking|\b(?:tired|sick) of|\b(?:had|told you|said|that(?:'s| is)|this is) enough\b|"
        r"\b(?:do not|don't) (?:want|wish|feel like) (?:to )?(?:be ask|answer|"
        r"any more question|more question|go(?:ing)? on)|"
        r"\b(?:rather|prefer) not (?:to )?(?:answer|say|go on)|\bquit asking|\banother question\b|"
        r"\bI(?:'m| am) done(?: with (?:this|these|your|questions)\b| answering\b| talking\b|[.!,])|"
        r"\banswer(?:ing)? (?:any ?more|(?:all )?these) questions",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"别再?问|不要再?问|不用再?问|不想再?(?:回答|说|聊|被问|答)|不愿意?再?(?:回答|说|聊)|问个没完|问(?:得|的)?(?:太|这么|那么)多|"
        r"问题(?:也|可)?(?:太|真|好|这么)多|(?:说|问|讲)(?:得)?够|够了|烦|怎么(?:一直|老是?|总是?|还在?)问|没(?:有)?(?:耐心|时间再)|懒得"
    ),
}
#: Words that may be impatience or not: then the rules do not decide.
_DOUBTFUL = {
    "en": re.compile(
        r"\bjust\b|\bquestions?\b|\bask|\benough\b|\bhurry|\balready (?:told|said)|\bwhatever\b|\bforget it|\bstop\b|"
        r"\bwhy\b|\bdecide\b|\btime\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"直接|赶紧|赶快|快点|算了|问|不想|不要|为什么|说过|已经|废话|麻烦死|时间"),
}


def willing(utterance: str, language: str) -> bool | None:
    """False: it says that there were questions enough. True: no word of it points there. None: read it."""
    code = "zh" if language == "zh" else "en"
    if language not in _UNWILLING:
        return None
    if _UNWILLING[code].search(utterance):
        return False
    return None if _DOUBTFUL[code].search(utterance) else True
