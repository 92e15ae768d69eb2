"""Phrases of a reasoning that speak of an answer, a given path or the task, instead of the dialogue.

They are put together from few words: one for what is true or was given, and beside it one for what is said next or what
a label of it is called. Words that reasoning uses anyway ("the actual price", "the real question", 实际问题) stay free,
as does a guess ("the user's real intent may be"). Texts are compared as `pieces.plain` makes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# English --------------------------------------------------------------------------------------------------------------

#: What is said next; only together with "next", for anybody has a real question.
_SAID = (
    r"(?:utterance|input|message|question|turn|query|reply|response|request|sentence|statement|words?|round|answer|"
    r"intent(?:ion)?(?: path)?|path|label|sentence type|type|category|continuation|follow-?up)s?"
)
#: What a label of it is called.
_LABEL = r"(?:utterance|follow-?up|intent(?:ion)?(?: path)?|label|sentence type|continuation|prediction)s?"
_NEXT = r"(?:next|following|user|future|subsequent)(?:'?s)?"
_TRUE = r"(?:actual|real|true|correct|right)"
_GIVEN = (
    r"(?:gold(?:en|[ -]standard)?|reference|target|expected|intended|hidden|known|held-?out|annotated|labell?ed|"
    r"provided|supplied|specified|designated|assigned|prescribed|required|revised|corrected|replaced|replacement|incorrect|wrong)"
)
_GUESSED = r"(?! (?:may|might|could|can|is (?:likely|probably|perhaps)|seems?|appears?|remains?)\b)"
_EN = (
    r"ground[ -]?truth",
    r"\bthe truth\b",
    r"\bhindsight\b",
    # the true next utterance, the designated path, their actual intent path
    rf"\b(?:{_TRUE}|{_GIVEN}|given) (?:{_NEXT} )+{_SAID}\b{_GUESSED}",
    rf"\b(?:the|an?|its|their|user'?s|with) (?:{_TRUE}|{_GIVEN}|given) (?:[\w'-]+ ){{0,2}}{_LABEL}\b{_GUESSED}",
    rf"\b(?:{_GIVEN}|given|correct|right) (?:intent(?:ion)? )?path\b",
    rf"\b(?:the|an?) {_TRUE} (?:inputs?|messages?|quer(?:y|ies)|repl(?:y|ies))\b",
    r"\b(?:gold(?:en)?|reference|expected|intended|known|standard) (?:answer|reply)\b",
    r"\bthe correct answer (?:here |now )?(?:is|was|says|would be)\b",
    r"\bthe reference (?:is|was|says|reads|asks) (?:an?|the)\b",
    r"\b(?:the|its) (?:label|annotation|answer key)s? (?:says?|said|indicates?|shows?|reads?)\b",
    rf"\bnext {_SAID}(?:'s|s') (?:label|type|path|intent)\b",
    r"\b(?:sample|example|record|item|data)(?:'s|s') (?:answer|label|reply|path|utterance)\b",
    # what the user did say
    r"\bactual(?:ly)? next\b",
    r"\buser (?:actually|really|in fact|indeed) (?:goes on to |went on to |then )?"
    r"(?:says?|said|asks?|asked|wr[io]tes?|will (?:say|ask)|continue[sd]?|replie[sd])",
    r"\buser (?:will|did) (?:indeed|actually|in fact) (?:say|ask|write|reply|request|mention)",
    r"\bin reality,? the user\b",
    r"\bwhat the user (?:(?:did|does|really|actually|will|is going to|went on to) )?"
    r"(?:says?|asks?|said|asked|wrote) next",
    r"\bwhat the user went on to\b",
    r"\buser (?:asked|said|wrote|replied|requested|mentioned) [^,.;?\n]{1,40} next\b(?! to| step)",
    r"\b(?:in|from|by) the (?:next|later|following|future|subsequent|upcoming) "
    r"(?:turn|round|utterance|message|rounds|turns),? (?:the )?user "
    r"(?:says?|said|asks?|asked|mention(?:s|ed)|wants?|wanted|requests?|requested|states?|stated)",
    r"\b(?:future|later|next|subsequent|following|upcoming|remaining) "
    r"(?:dialogue|conversation|turn|round|exchange|message|utterance)s? "
    r"(?:reveal|show|indicate|confirm|prove|mention)(?:s|ed)?\b",
    rf"\bnext {_SAID} (?:in the (?:data(?:set)?|log|record)|was\b|turned out|has been)",
    # knowing it, or having been given it
    r"\b(?:we|i) (?:already |do )?know (?:that )?(?:the user will|what the user|(?:the|its|their) next\b)",
    r"\b(?:knowing|having seen|having read|being told) (?:already )?"
    r"(?:the (?:answer|outcome|label|next)|what (?:comes|came|follows|the user))\b",
    r"\b(?:path|intent|answer|label|utterance|truth) (?:that |which )?(?:i|we) "
    r"(?:was|were|am|are|have been|had been|got) ",
    r"\b(?:handed|given|shown|revealed|provided|passed) to (?:us|me)\b",
    r"\b(?:i|we) (?:was|were) (?:given|told|shown|handed|asked|instructed)\b",
    r"\b(?:i|we) (?:was|were|am|are|have been) (?:provided|supplied|presented) with\b",
    r"\bpeek(?:ing|ed)? at\b",
    # the task, and what it works on
    r"\b(?:the|this|my|our) (?:task|instruction|prompt) (?:asks|says|requires|tells)",
    r"\b(?:our|my) task (?:is|was|here)\b",
    r"\b(?:following|per|by|under|according to) the (?:instruction|task|prompt)s?\b",
    r"\bas (?:instructed|the (?:task|prompt) )",
    r"\baccording to the (?:path|label|reference|answer)\b",
    r"\b(?:insert|replac|swapp?|us)(?:ing|e)? the (?:new|given|other|next|right) path\b",
    r"\b(?:similarity|judge(?:'s)?) score",
    r"\bincorrect (?:input|prediction|example)s? ?\d*",
    r"\b(?:original|initial|previous) (?:prediction|reasoning|analysis) (?:was|is|were|should)",
    r"\btaken to be\b",
)

# Chinese --------------------------------------------------------------------------------------------------------------

_ZH_NEXT = r"(?:下一?[句轮条个步](?:话|输入|提问|问题|消息)?|后[一续]句|追问)"
_ZH_LABEL = r"(?:话语|意图路径|路径|标签|句型|句子类型|类别|预测|答案)"
_ZH_TRUE = r"(?:真实|真正|实际|正确)(?:上|中)?的?"
_ZH_GIVEN = r"(?:标准|参考|标注|预期|期望|隐藏|既定|预设|给定|所给|给出|提供|指定|目标|题目给出|错误)的?"
_ZH_GUESSED = r"(?!.{0,2}(?:可能|或许|也许|大概|应该|尚))"
_ZH = (
    r"真值|金标准?|偷看|后文",
    rf"(?:{_ZH_TRUE}|{_ZH_GIVEN})(?:用户)?的?(?:{_ZH_NEXT}|{_ZH_LABEL}|意图|输入|回[复答应]|提问){_ZH_GUESSED}",
    rf"(?:{_ZH_TRUE}|{_ZH_GIVEN})[^，。；！？\s]{{1,3}}(?:{_ZH_NEXT}|{_ZH_LABEL}){_ZH_GUESSED}",
    rf"用户(?:真实|真正|实际)(?:上|的)*(?:{_ZH_NEXT}|说的|追问|输入|回[复答]|提问)",
    r"(?:修[改正订]|调整|更新|替换)后的?(?:意图)?路径|插入(?:了)?.{0,4}路径",
    r"(?:已经|已|事先)?(?:提供|给出|给定|告知|指定)了?.{0,2}(?:意图)?路径",
    r"(?:真实|实际)(?:的)?(?:结果|情况)(?:是|中|里)?.{0,2}用户|真实(?:的)?结果",
    r"(?:样本|样例|数据集?|记录)(?:的|里的?|中的?)(?:答案|标签|回答|路径|下一|后续|真实)",
    r"下一[轮句条]的?(?:标签|类型标注)|标签(?:是|为|显示)|参考(?:的)?(?:话语|句子|回复|答案|路径)(?:是|为|说)",
    # what the user did say
    r"用户(?:下一[句轮])?(?:实际上|事实上|其实|真正|确实)(?:接着|随后|接下来|下一句|会)?"
    r"(?:说|问|提问|询问|回复|输入)(?:了|的|到)",
    r"用户(?:后来|随后|之后|接着|接下来)(?:确实|真的|果然)|用户果[真然]",
    r"用户下一条(?:消息|输入)?(?:最后|其实|就是|是|为)",
    r"(?:从|在|根据)(?:后续|之后|后面|下文|接下来)的?(?:对话|轮次|内容|一轮)(?:中)?",
    r"(?:后续|之后|后面|未来|接下来)的?(?:对话|轮次|内容|交谈)(?:中)?(?:显示|表明|说明|证实|揭示|提到|透露)",
    r"事后(?:看|来看)",
    # knowing it, or having been given it
    r"(?:已知|知道)用户(?:接下来|下一|随后|将|会)|假设(?:的?意图|用户接下来)",
    r"(?:知道|已知|拿到|看到|看过)了?(?:答案|结果|下一[句轮条])",
    r"(?:给|交给|告诉|提供给)我们?的(?:路径|答案|标签|意图|话语|结果)|我们?(?:拿到|得到|收到)的",
    # the task, and what it works on
    r"(?:按照?|根据|遵照|依照)了?(?:任务|指令|提示词?|路径|标签|参考)(?:的)?(?:要求|说明|内容)?",
    r"(?:我们?的|当前|本)任务(?:是|为|要求)",
    r"(?:相似度|评审|评判)(?:得分|分数|打分)|原(?:来|始|先)的?(?:预测|推理|分析)(?:是|为|应|有误)",
)

_HAN = re.compile(r"[\u3400-\u9fff]")
_ENGLISH, _CHINESE = (re.compile("|".join(each), re.IGNORECASE) for each in (_EN, _ZH))


def tell_tales(text: str) -> Iterator[re.Match[str]]:
    """Every such phrase in a text, the English ones first. A text without Han characters has no Chinese ones."""
    yield from _ENGLISH.finditer(text)
    if _HAN.search(text):
        yield from _CHINESE.finditer(text)
