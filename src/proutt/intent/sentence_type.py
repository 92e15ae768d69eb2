"""The sentence type of an utterance by rules, for English and Chinese; other languages by their question marks.

ProUtt's three classes (III-C) are about what the speaker does, and so are these rules:

    declarative    conveys information: a statement, an answer, a wish about things ("I need a lamp"), thanks
    imperative     wants something done: a command, a suggestion ("let's"), or a question that asks for an act
                   ("could you rewrite this?", "能不能帮我改短一点？")
    interrogative  seeks information, directly ("how long"), indirectly ("I wonder whether") or by asking to be told
                   ("can you explain why?", "可以解释一下吗")

Code, quoted text and links are set aside first: whatever they ask is not asked by the user. An utterance of several
clauses takes the type of its last clause that asks or requests; if none does, it is declarative. Pure and fast;
tests/labelled/sentence_types.jsonl measures it, docs/embedded.md has the results.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from proutt.intent.truth import SentenceType

_D, _M, _Q = SentenceType.DECLARATIVE, SentenceType.IMPERATIVE, SentenceType.INTERROGATIVE
#: Stands for what was set aside, so that a sentence around it keeps its shape.
_ASIDE = "\ufffc"
_SET_ASIDE = re.compile(
    r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]*`|(?m:^\s*>.*$)|https?://\S+"
    r"|\"[^\"\n]*\"|“[^”]*”|「[^」]*」|『[^』]*』|«[^»]*»",
    re.DOTALL,
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_WORD = re.compile(r"[^\W\d_\u3040-\u9fff]+")
#: A sentence and what ends it. A dot ends one only before a space: "3.5" and "f.read" stay whole.
_SENTENCE = re.compile(r"(?:[^.!?。！？；;؟\n…]|\.(?!\s|\Z))+[.!?。！？；;؟…]*")
_ASKED = re.compile(r"[?？؟]")


def sentence_type_of(utterance: str) -> SentenceType:
    """Declarative, imperative or interrogative. Never fails: where no rule speaks, an utterance states something."""
    text = _SET_ASIDE.sub(_ASIDE, utterance).replace("’", "'")
    act_of = _act_of_rules(text)
    acts = [act for sentence in _SENTENCE.findall(text) if (act := act_of(sentence.strip())) is not None]
    return acts[-1] if acts else _D


def _act_of_rules(text: str) -> Callable[[str], SentenceType | None]:
    """The rules for the language that most of the text is written in."""
    if _KANA.search(text):
        return _act_by_punctuation
    return _zh_act if len(_HAN.findall(text)) > len(_WORD.findall(text)) else _en_act


def _act_by_punctuation(sentence: str) -> SentenceType | None:
    return _Q if _ASKED.search(sentence) else None


# English --------------------------------------------------------------------------------------------------------------

_EN_LEAD_IN = re.compile(
    r"(?:(?:and|but|so|or|then|now|also|next|just|well|oh|ah|hm+|um+|ok(?:ay)?|yes|yeah|yep|no|nope|great|good|nice|cool|"
    r"perfect|wow|lol|hey|hi|hello|wait|actually|thanks|thank you|thx|alright|sure|sorry|anyway|maybe|perhaps|first|"
    r"second|finally|instead(?! of)|again|still|simply|only|kindly|at least|in that case|one more thing|by the way|btw|"
    r"never ?mind|for now|this time)\b|[\s,:;–—-])+",
    re.IGNORECASE,
)
_EN_SUBORDINATE = re.compile(
    r"(?:if|when|while|once|after|before|since|because|as|for|instead of|given|assuming|unless|until|with|without|"
    r"in|on|at|from|to|apart from|except|based on|using|although|even)\b",
    re.IGNORECASE,
)
#: To ask someone to tell is to seek information.
_EN_TELL = (
    r"(?:tell|explain|say|know|clarify|remember|recall|think|guess|remind|help me understand|elaborate|be|have|see)"
)
_EN_ASKED_TO_TELL = re.compile(
    rf"(?:can|could|would|will|can't|couldn't)(?: you| u| someone| anyone)(?: please| maybe| also| just| perhaps)?"
    rf" {_EN_TELL}\b",
    re.IGNORECASE,
)
_EN_ASKED_TO_ACT = re.compile(
    r"(?:can|could|would|will|can't|couldn't|won't)(?: you| u)\b|(?:would|do) you mind\b|let'?s\b|let us\b|"
    r"let me (?:know|see|have)\b|shall we\b|why (?:don't|not) (?:you|we)\b|"
    r"(?:i|we)(?: would|'d)? (?:also |really |just |now )?(?:want|need|like|ask|expect|prefer|love) "
    r"(?:you|it|this|that) (?:to|be|in)\b|you (?:should|must|need to|have to|ought to)\b|"
    r"(?:make sure|be sure|feel free|be )\b",
    re.IGNORECASE,
)
_EN_PLEASE = re.compile(r"\b(?:please|pls|plz)\b", re.IGNORECASE)
_EN_EXCLAIMS = re.compile(
    r"what an? \w+(?: \w+)?[.!]*$|how (?:nice|lovely|sad|funny|cool|kind|sweet|strange|odd)\b|"
    r"which (?:is|was|means|makes)\b.*[^?]$|what (?:i|we) (?:mean|meant|want|need)\b|how(?:ever)\b|why not\.?$",
    re.IGNORECASE,
)
_EN_ASKS = re.compile(
    r"(?:what|what's|whats|which|who|who's|whose|where|where's|why|how|how's|hows)\b|"
    r"when(?:'s)? (?:is|are|was|were|do|does|did|will|can|could|should|would|has|have)\b|"
    r"(?:to |for |from |in |with |at |by |until )(?:what|which|whom|whose|where|when)\b|"
    r"(?:is|are|was|were|am|does|did|has|can|could|will|would|should|isn't|aren't|doesn't|didn't|can't|couldn't|"
    r"won't|wouldn't|shouldn't|hasn't|haven't) "
    r"(?!ok|okay|fine|good|great|be\b|not\b|do\b|work)\w|"
    r"(?:don't|have|had|may|might|must|shall) "
    r"(?:i|you|we|they|he|she|it|the|there|these|those|this|that|any|my|your)\b|"
    r"do (?!(?:the|it|this|that|not|so|a|an|some|something|all|both|your|more|less|same|one|another|what|as)\b)\w|"
    r"any(?:one|body|thing|where)?\b|(?:i|we)(?:'m| am| was|'d| would| do)? ?(?:just |also |really |still )?"
    r"(?:wonder|wondering|wondered|curious|want to know|like to know|love to know|need to know|wanted to know)\b|"
    r"(?:wonder|wondering|curious|wanna know|want to know|need to know|like to know)\b",
    re.IGNORECASE,
)
_EN_TAG = re.compile(r", ?(?:right|correct|or not|isn't it|doesn't it|don't you think)[.?]*$", re.IGNORECASE)
_EN_NEGATED = re.compile(
    r"(?:don't|do not|dont|never) (?!know|think|want|have|need|like|get|care|mind)\w", re.IGNORECASE
)
_EN_VERBS = frozenset(
    """
    add adapt adjust analyze analyse answer apply arrange ask assume avoid begin book brainstorm break bring build
    calculate call cancel change check choose classify clean combine come compare complete compose compress compute
    condense consider continue convert copy correct count create cut debug define delete demonstrate describe design
    develop discuss divide do double draft draw drop edit elaborate emphasise emphasize estimate evaluate exclude
    expand explain export express extend extract fill filter find finish fix focus follow forget format generate get
    give go group guess help highlight identify ignore imagine implement improve include increase insert introduce
    invent join keep leave lengthen let limit list look lower make mark mention merge mix modify move name offer
    omit optimise optimize order organise organize outline paraphrase pick plan play polish prepare pretend print
    produce promote proofread propose provide put raise rank read recalculate recommend redo reduce refactor
    reformat refer remake remember remind remove rename reorder repeat rephrase replace reply reserve respond
    restate restructure return reverse revise rewrite round run save scale schedule search see select send separate
    set shorten show simplify sketch skip solve sort speak specify spell split start state stay stick stop structure
    suggest summarise summarize swap switch take talk tell test think tighten tone transform translate treat trim
    try type turn undo update use verify visit wait walk watch wrap write
    """.split()  # noqa: SIM905
)
#: After these a first word that looks like a verb was a noun: "order is late", "plan of the house".
_EN_NOUN_BEFORE = frozenset(
    (
        "is",
        "are",
        "was",
        "were",
        "has",
        "had",
        "of",
        "will",
        "would",
        "isn't",
        "wasn't",
        "doesn't",
        "does",
        "did",
        "came",
    )
)


def _en_act(sentence: str) -> SentenceType | None:
    """What one English sentence asks or requests, or None where it states."""
    asked = _ASKED.search(sentence) is not None
    acts = [_en_clause(clause, asked) for clause in _en_clauses(sentence)]
    act = next((act for act in reversed(acts) if act is not None), None)
    if act is not None:
        return act
    return _Q if asked or _EN_TAG.search(sentence) else None


def _en_clauses(sentence: str) -> list[str]:
    """The clauses that can carry the act: the first, and those after a comma or a dash that follows a side remark."""
    pieces = [piece.strip() for piece in re.split(r",|[–—:] | - |\band then\b", sentence) if piece.strip()]
    clauses: list[str] = []
    for piece in pieces:
        body = _EN_LEAD_IN.match(piece)
        bare = piece[body.end() :] if body else piece
        after_side_remark = not clauses or all(_EN_SUBORDINATE.match(earlier) for earlier in clauses)
        if bare and (after_side_remark or _EN_PLEASE.search(bare) or _opens_question(bare)):
            clauses.append(bare)
    return clauses


def _opens_question(clause: str) -> bool:
    return bool(_EN_ASKS.match(clause) or _EN_ASKED_TO_ACT.match(clause))


def _en_clause(clause: str, asked: bool) -> SentenceType | None:
    if _EN_ASKED_TO_TELL.match(clause):
        return _Q
    if _EN_ASKED_TO_ACT.match(clause):
        return _M
    if _EN_ASKS.match(clause):
        return None if _EN_EXCLAIMS.match(clause) and not asked else _Q
    if _EN_PLEASE.search(clause) or _EN_NEGATED.match(clause):
        return _M
    words = re.findall(r"[\w']+", clause.lower())
    if asked and words[:1] == ["do"]:  # "do the trains run at night?"
        return _Q
    if words and words[0] in _EN_VERBS and (len(words) == 1 or words[1] not in _EN_NOUN_BEFORE):
        return _M
    return None


# Chinese --------------------------------------------------------------------------------------------------------------

_ZH_LEAD_IN = re.compile(
    r"(?:你好|您好|嗯+|哦|噢|啊|好的|好吧|好呀|行吧|可以|对了|对|谢谢(?:你|您|了)?|多谢|那么|那就|那|另外|还有|此外|然后|接下来|接着|"
    r"不过|但是|但|可是|所以|其实|最后|首先|现在|这次|下面|顺便|同时|并且|而且|并|再|也|先|就|只|重新|[\s,，:：])+"
)
_ZH_TELL = r"(?:解释|说明|告诉|介绍|讲|说|透露|确认|知道|了解)"
_ZH_CAN = r"(?:能不能|可不可以|可以不可以|可否|能否|可以|能|方便|麻烦|是否可以|是不是可以)"
_ZH_ASKED_TO_TELL = re.compile(
    rf"(?:你|您)?{_ZH_CAN}(?:请)?(?:你|您)?(?:再|先|给我|帮我|跟我|为我|详细|具体|简单)*{_ZH_TELL}"
)
_ZH_ASKED_TO_ACT = re.compile(
    rf"(?:你|您)?{_ZH_CAN}(?:请)?(?:你|您)?(?:再|先|也|顺便|直接)*(?:帮|替我|给我|为我|把|将|用|换成|改|写|加|删|列|翻译|推荐|"
    r"缩|扩|生成|举|总结|润色|画|做成|简化|调整)"
)
_ZH_REQUESTS = re.compile(
    r"请(?!问|假|客|教|师傅|人|了|过)|麻烦(?!的|了|吗|事|在|就)|劳驾|拜托|帮(?:我|忙|他|她|咱|一下)|告诉我|给我(?!的|家|妈|爸)|替我|"
    r"教我|你(?:来|帮|再|先|给|把|直接)(?!的)|让我们|咱们(?:来|先|再)|我们(?:来|开始)|"
    r"(?:我)?(?:想要?|要|需要|希望|想请|要求|请)(?:你|您)(?!的)|(?:我)?想(?:请|麻烦)(?:你|您)|求(?:推荐|解|教)|"
    r".*(?:帮我(?:找|查|推荐|看|写|改|算|选|列|订|做|想)|发给我吧)"
)
_ZH_DONE = re.compile(r"(?:了|过)[。！!~]*$")
_ZH_COMMANDS = re.compile(
    r"把|将|别|不要(?!紧|钱|了)|不许|不能用|尽量|务必|保持|继续|换(?!了|季|乘)|改(?!了|天)|写(?!了|的)|列|加(?!了|起来)|删|去掉|翻译|"
    r"总结|概括|解释|说明|推荐|介绍|告诉|压缩|扩写|缩写|缩短|缩减|精简|简化|润色|优化|生成|画|算(?!了|是)|计算|查(?!了)|找(?!了|不)|"
    r"看看|说说|讲讲|谈谈|聊聊|想想|试试|举|比较一下|对比|分析|检查|设计|安排|制定|整理|修改|调整|保留|删除|重写|重做|重来|按|扮演|"
    r"假设|模拟|补充|添加|增加|减少|合并|拆|排序|标|用(?!了|的|完|过|不|户|起来)|以(?![前后来上下外内及为往便])|从(?=.*(?:开始|角度))|来(?:一|个|点|份|段)|"
    r"给(?!我)(?=.*(?:起|写|加|做|发|列|配))|帮|忽略|跳过|停|设置|运行|输出|打开|关闭|关掉|取消|播放|打印|预订|搜集|收集|示范|演示|绘制|编写|撰写|起草|替(?!代|换)|"
    r"(?:放|挑|选|摆|调|做|订)(?:上|出|好)?(?=[一两三四五六七八九十几点][\u4e00-\u9fff])(?!.*(?:是|很|多少|什么|怎|哪|谁|容易|难))"
)
_ZH_ASKS_OPENLY = re.compile(r"请问|(?:我)?(?:还)?(?:想|要|就是想)(?:问|知道|了解|请教)|问(?:一)?下|请教")
_ZH_PARTICLE = re.compile(r"(?:吗|呢|嘛|么|没有|不|否|吧[?？])[呀啊哦]?[。?？!！~]*$")
_ZH_PLAIN_END = re.compile(r"(?:什么|怎么|那么|这么|多么|还没有|都没有|也没有)[。!！~]*$")
_ZH_EITHER = re.compile(r"([\u4e00-\u9fff])(?:不|没)\1|[是会能要该用]不[是会能要该用]|是否|有无|有没有|可不可以|能不能")
_ZH_WH = re.compile(
    r"什么|啥|怎么|怎样|咋|如何|多少|多(?:久|长|远|大|高|重|宽|厚|深|贵|快|难)|(?<![好这那十前过后百千有没第])几(?![乎分])|哪|谁|为何|何时"
)
#: Alone at the end, these ask for consent to what was said before: "send it to me, all right?"
_ZH_CONSENT = re.compile(r"(?:可以|好|行|成)(?:吗|么|不|嘛)|好不好|行不行|可不可以|可以不可以")
#: Where a wh-word does not ask: "anything will do", "nothing much", "I don't know when", "he asked who".
_ZH_WH_STATED = re.compile(
    r"(?:什么|怎么|哪\w?|谁|多少|啥|几\w?).{0,4}(?:都|也)|(?:没|没有|不|这|那)(?:什么|怎么|多少|多久|几|啥)|什么的|"
    r"(?:找|挑|举|列|写|搜集|收集|推荐|介绍|补充)(?:出|来|了)?几[个条家款点句种本张段首道部篇份]|"
    r"(?:不|没)?(?:知道|清楚|确定|记得|明白|懂|了解|学会|说过|问过|在意|管|忘了?|看出|想好)(?:该|了)?.{0,6}?(?:什么|怎么|哪|谁|多少|如何|几|为何|啥)"
)


def _zh_act(sentence: str) -> SentenceType | None:
    """What one Chinese sentence asks or requests, or None where it states. The last clause with an act counts."""
    asked = _ASKED.search(sentence) is not None
    clauses = [bare for clause in re.split(r"[，,：:]|\s{2,}", sentence) if (bare := clause.strip("。.!！?？~ "))]
    acts = [_zh_clause(clause, asked and clause is clauses[-1]) for clause in clauses]
    if clauses and _ZH_CONSENT.fullmatch(clauses[-1]):
        return _M
    if _zh_polite(clauses, asked) and not any(_ZH_WH.search(clause) for clause in clauses[1:]):
        return _M
    act = next((act for act in reversed(acts) if act is not None), None)
    return _Q if act is None and asked else act


def _zh_polite(clauses: list[str], asked: bool) -> bool:
    """A question for an act that is spread over clauses: "could you find me a hotel, near the station?"."""
    asks = asked or any(_ZH_PARTICLE.search(clause) for clause in clauses[-1:])
    return asks and any(_ZH_ASKED_TO_ACT.match(clause) for clause in clauses[:-1])


def _zh_clause(clause: str, asked: bool) -> SentenceType | None:
    bare = _zh_bare(clause)
    if _ZH_ASKS_OPENLY.match(bare) or _ZH_ASKS_OPENLY.match(clause):
        return _Q
    asks_politely = asked or _ZH_PARTICLE.search(clause) or _ZH_EITHER.search(clause)
    if asks_politely and (_ZH_ASKED_TO_TELL.match(clause) or _ZH_ASKED_TO_TELL.match(bare)):
        return _Q
    if asks_politely and (_ZH_ASKED_TO_ACT.match(clause) or _ZH_ASKED_TO_ACT.match(bare)):
        return _M
    done = _ZH_DONE.search(clause) is not None
    if _ZH_REQUESTS.match(bare) and not done:
        return _M
    ends_asking = asked or (_ZH_PARTICLE.search(clause) and not _ZH_PLAIN_END.search(clause))
    if _ZH_COMMANDS.match(bare) and not ends_asking and not done:
        return _M
    if ends_asking or _ZH_EITHER.search(clause):
        return _Q
    return _Q if _ZH_WH.search(clause) and not _ZH_WH_STATED.search(clause) else None


def _zh_bare(clause: str) -> str:
    """The clause without what leads into it; the whole where nothing would be left."""
    lead_in = _ZH_LEAD_IN.match(clause)
    return (clause[lead_in.end() :] if lead_in else clause) or clause
