"""Text that speaks to the judge: found by rules, taken out of what the judge reads, and flagged.

Everything judged is quoted as data, but a weak judge may still obey a quotation. So a clause that addresses the judge
never reaches it. The rules know common ways to do that in English and Chinese and no more; `guard.py` adds a probe for
the rest. How many they find, and what is left does to scores, is measured by `benchmarks/injection_shift.py` on a set
that neither was made for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

FLAG, CONTEXT_FLAG = "injection-suspected", "injection-suspected-in-context"
#: What stands where a clause was taken out.
GAP = "[…]"

_TOP = r"(?:1[.,]0+|1/1|10/10|100\s?%?|full|maximum|max|highest|perfect|top|best|largest|one point zero)"
_MARKS = r"(?:scores?|marks?|points?|ratings?|grades?|credit|value)"
_EARLIER = (
    r"(?:previous|prior|above|earlier|former|preceding|other|your|the|all|any|these|those|my|user'?s|real|actual|told)"
)
_RULES = (
    r"(?:instructions?|rules?|prompts?|guidelines?|criteria|rubric|task|directions?|comparisons?|truth|predictions?|"
    r"candidates?|everything)"
)
_THIS = (
    r"(?:this|these) (?:\w+ )?(?:one|line|prediction|suggestion|candidate|answer|utterance|text|item|entry|response)"
)
_JUDGES = r"(?:judge|evaluator|grader|rater|reviewer|assessor|marker|scorer|evaluation model)"
_JUDGES_ZH = r"(?:评委|裁判|评审|评分员|评分者|评估者|评估员|评估模型|评判|阅卷人|打分)"

_PATTERNS = (
    # Answers and roles in the form that machines read.
    r"[{\[<][^{}\[<\n]{0,80}\b(?:score|verdicts?|winner)\b[^\n]{0,160}?[}\]>]{1,4}",
    r"\b(?:score|similarity|rating|verdict)\s*(?:=|:)\s*[\"']?[01]\b",
    r"<\|?/?[ \t]{0,4}(?:im_start|im_end|eot_id|start_header_id|system|user|assistant|instruction|inst|prompt|"
    r"prediction)\b[^>\n]{0,80}>?",
    r"\[/?inst\]|<<sys>>|^[ \t]{0,8}#{2,6}[ \t]{0,8}(?:instruction|system|task)",
    r"(?:begin|end) (?:of )?(?:new )?(?:prompt|material)",
    r"(?:^|[\s\"'】])(?:system|developer|assistant|admin|evaluation note)\s*(?:prompt|message|override)?\s*[:>]",
    r"(?:系统|管理员|开发者)(?:提示|消息|指令|级消息|模式)?\s*(?:[:】]|已)|系统级消息",
    # Earlier instructions are to count no more.
    rf"\b(?:ignore|disregard|forget|override|bypass|neglect|skip|set aside|stop reading|cancel)\b[^.!?\n]{{0,30}}"
    rf"\b{_EARLIER}\b[^.!?\n]{{0,25}}\b{_RULES}\b",
    rf"\b(?:ignore|disregard|forget|bypass|skip|stop reading) (?:the )?{_RULES}",
    rf"\b{_EARLIER} {_RULES}\b[^.!?\n]{{0,20}}\b(?:obsolete|cancel|void|no longer|outdated|replaced)",
    r"\bnew (?:instructions?|task|prompt)\b[^.!?\n]{0,12}(?:[:：]|is\b|follow)|\bfrom now on\b",
    r"\byou are now\b|\bpretend (?:that )?(?:this|you)\b|\b(?:grading|developer|debug|evaluation) mode\b",
    r"(?:忽略|无视|忘记|忘掉|不要理会|不用理会|抛开|跳过|停止阅读|不用看)[^。!?\n]{0,14}"
    r"(?:指令|要求|规则|提示|任务|标准|细则|准则|以上|上面|前面|之前|真实)",
    r"(?:以上|之前|前面|先前|前述)[^。!?\n]{0,8}(?:作废|取消|不算|无效|放在一边)",
    r"新(?:的)?(?:任务|指令)\s*(?:[:：]|是)|从现在起|你现在是",
    # A score is demanded.
    rf"\b(?:give|assign|rate|score|award|mark|grade|return|output|set|print|write|put|answer|respond|receives?|"
    rf"hand out)\b(?:(?!\b(?:with|that|which|whose|by)\b)[^.!?\n]){{0,40}}\b{_TOP}\s"
    rf"(?:possible\s|allowed\s)?{_MARKS}\b",
    r"\b(?:give|assign|rate|score|award|mark|grade|return|write|put|set|answer)\b[^!?\n]{0,45}\b1\.0\b",
    rf"\b{_MARKS}\b[^!?\n]{{0,40}}\b(?:1\.0|0\.0)\b",
    r"\b(?:just|only|simply) (?:write|return|answer|output)\b[^!?\n]{0,9}\d",
    rf"\b(?:mark|rate|treat|consider|accept|choose|score|grade) {_THIS}\b",
    rf"\b{_TOP} {_MARKS} (?:for|to|here|in) (?:this|these|it)\b|\blower the score\b",
    r"(?:给|打|评|判|得|返回|输出|写|设为|重复)[^。!?\n]{0,12}(?:满分|最高分|最高评分|最大值|零分|0分|[01]\.0)",
    r"(?:打分|评分|分数|得分|相似度|评级)[^。!?\n]{0,8}(?:[01]\.0|满分|一点零|百分之百)|应得满分|低于最高分",
    # The judge is spoken to, or told how things are.
    rf"\b(?:dear|hey|hello|note to|attention|as an?|p\.?s\.? for the)\b[^.!?\n]{{0,25}}\b{_JUDGES}\b",
    rf"\b{_JUDGES}s?\b[^.!?\n]{{0,12}}\b(?:must|should|has to|note|please|choose|ai)\b|\b{_JUDGES}\s*[,:]",
    rf"\b{_THIS} (?:is|was|matches|equals|wins)\b[^.!?\n]{{0,30}}"
    r"\b(?:identical|same|correct|truth|reference|perfect|perfectly|verified|flawless|winner|best)\b",
    rf"{_JUDGES_ZH}[^。!?\n]{{0,4}}(?:注意|应当|应该|必须|请|大人|的朋友|[,，:：])|(?:亲爱的|作为|给){_JUDGES_ZH}",
    r"(?:这条|这句|本条|这段|此条)[^。!?\n]{0,12}(?:与|和|就是|为|当作)[^。!?\n]{0,12}"
    r"(?:真实|实际|标准答案|参考答案|一致|相同)|把这段文字当作",
)
_FOUND = re.compile("|".join(f"(?:{each})" for each in _PATTERNS), re.IGNORECASE | re.MULTILINE)
_CLAUSE_ENDS = set(".!?。!?\n;；,，")
_SENTENCE_ENDS = set("!?。\n")


@dataclass(frozen=True, slots=True)
class Guarded:
    """A text as the judge reads it, and whether something was taken out of it."""

    text: str
    suspected: bool


def guarded(text: str) -> Guarded:
    """The text without the clauses that speak to a judge, by the rules alone."""
    return without(text, spans_by_rules(folded(text)))


def spans_by_rules(flat: str) -> list[tuple[int, int]]:
    """Where a folded text speaks to a judge: from the clause's beginning to the end of its sentence."""
    spans: list[tuple[int, int]] = []
    for match in _FOUND.finditer(flat):
        if not spans or match.end() > spans[-1][1]:  # else it is in a sentence that goes already
            spans.append((_beginning(flat, match.start()), sentence_end(flat, match.end())))
    return spans


def without(text: str, spans: Iterable[tuple[int, int]]) -> Guarded:
    """The text without these parts of it, which may overlap; suspected where there are any."""
    cuts = sorted(spans)
    if not cuts:
        return Guarded(text, False)
    kept, last = [], 0
    for start, end in cuts:
        kept.append(text[last : max(start, last)].rstrip())
        last = max(end, last)
    left = " ".join(part for part in (*kept, text[last:].strip()) if part.strip())
    return Guarded(left or GAP, True)


def folded(text: str) -> str:
    """The text with wide, odd and invisible characters made plain, each still one character: places stay the same."""
    return "".join(_plain(char) for char in text)


def _plain(char: str) -> str:
    if unicodedata.category(char) == "Cf":
        return "\u0020" if char == "\u00a0" else "\u200b"
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def _beginning(text: str, at: int) -> int:
    while at > 0 and not _ends(text, at - 1, _CLAUSE_ENDS):
        at -= 1
    return at


def sentence_end(text: str, at: int) -> int:
    """Where the sentence ends in which the character at a place stands."""
    while at < len(text):
        at += 1
        if _ends(text, at - 1, _SENTENCE_ENDS):
            break
    return at


def _ends(text: str, at: int, marks: set[str]) -> bool:
    """Whether a clause or sentence ends with this character; a point inside a number or word ends nothing."""
    if text[at] == "." and text[at + 1 : at + 2].strip():
        return False
    return text[at] in marks or text[at] == "."
