"""One small dialogue in each language, and every step over it: ProUtt's, the baselines', those of other rooms."""

from __future__ import annotations

from typing import Any

from proutt.dialogue import Dialogue, Turn
from proutt.intent import Candidate, IntentPath, Perspective, SentenceType, Truth, fold
from proutt.intent.sentence_type import sentence_type_of
from proutt.prompts.baselines import (
    Foresee,
    ForeseeOne,
    Profile,
    Refine,
    RefineOne,
    WriteKnowing,
    WriteOneKnowing,
)
from proutt.prompts.evaluation import Compare
from proutt.prompts.prediction import LikelyType
from proutt.prompts.proutt import (
    Annotate,
    AnnotateUtterance,
    Brainstorm,
    Distinguish,
    JudgeSimilarity,
    PredictPaths,
    Revise,
    Revision,
    Reword,
    Rewording,
    SentenceTypes,
    SmallSentenceTypes,
    Write,
)
from proutt.prompts.step import Step

DIALOGUES = {
    "en": Dialogue(
        id="tea",
        language="en",
        opening="Welcome to the tea shop.",
        turns=(
            Turn("I like green tea.\nWhich one is mild?", "Sencha is mild."),
            Turn("And {context} without caffeine?", "Then take a herbal one: > mint."),
        ),
        last_utterance="How long does mint keep?",
    ),
    "zh": Dialogue(
        id="茶",
        language="zh",
        opening="欢迎光临茶店。",
        turns=(
            Turn("我喜欢绿茶。\n哪种比较淡？", "煎茶比较淡。"),
            Turn("有没有{context}不含咖啡因的？", "那就选花草茶：> 薄荷。"),
        ),
        last_utterance="薄荷茶能放多久？",
    ),
}
_PATHS = {
    "en": [[IntentPath("green tea", "taste", "mild")], [IntentPath("green tea", "caffeine", "none")]],
    "zh": [[IntentPath("绿茶", "口味", "清淡")], [IntentPath("绿茶", "咖啡因", "不含")]],
}
_LABELS = {"en": ("keeping", "brewing", "cups", "colour"), "zh": ("保存", "冲泡", "茶杯", "颜色")}
_SAID = {
    "en": ("How long does it keep?", "How is it brewed?", "Which cup suits it?", "I like dark cups."),
    "zh": ("它能放多久？", "怎么冲泡？", "用什么茶杯？", "我喜欢深色的杯子。"),
}


def all_steps(language: str, *, tree: bool = True, types: bool = True, budget: int = 1000) -> dict[str, Step[Any]]:
    """Every step by the name of its question."""
    dialogue = DIALOGUES[language]
    topic = _PATHS[language][0][0].topic
    keeping, brewing, cups, colour = _LABELS[language]
    paths = (
        (IntentPath(topic, keeping), IntentPath(topic, brewing), IntentPath(cups, colour))
        if tree
        else (IntentPath(keeping), IntentPath(brewing), IntentPath(colour))
    )
    form = SentenceType.INTERROGATIVE if types else None
    wrong = SentenceType.DECLARATIVE if types else None
    at: dict[str, Any] = {
        "budget": budget,
        "context": dialogue.context(2),
        "tree": fold(_PATHS[language]) if tree else None,
    }
    said = _SAID[language]
    other = {"path": paths[0], "perspective": Perspective.EXPLOITATION, "n": 2}
    before = fold(_PATHS[language][:1]) if tree else None
    steps: dict[str, Step[Any]] = {
        "annotate": Annotate(budget=budget, whole=dialogue, first=2, last=3, tree=before, types=types),
        "paths": PredictPaths(**at, perspectives=tuple(Perspective), q=2, sentence_type=form),
        "judge": JudgeSimilarity(budget=budget, context=at["context"], truth=dialogue.last_utterance, utterances=said),
        "revise": Revise(**at, path=paths[0], sentence_type=form, others=said[1:]),
        "perturb": Reword(**at, paths=paths, reasoned=(1,), worded=(0, 1, 2), sentence_type=wrong),
        "verbalise": Reword(**at, paths=paths, reasoned=(), worded=(0, 1, 2), sentence_type=wrong),
        "distinguish": Distinguish(**at, **other, avoid=paths[1:]),
        "small-brainstorm-exploitation": Brainstorm(
            **at, perspective=Perspective.EXPLOITATION, n=4, avoid=(keeping, brewing)
        ),
        "small-brainstorm-exploration": Brainstorm(**at, perspective=Perspective.EXPLORATION, n=4, avoid=()),
        "small-write": Write(**at, path=paths[0], sentence_type=form, others=said[1:]),
        "small-revise": Revision(**at, path=paths[0], sentence_type=form, others=()),
        "small-word": Rewording(**at, path=paths[1], sentence_type=wrong, others=(), before="", reasoned=False),
    }
    if tree:
        topics = tuple(fold(_PATHS[language][:1]).topics)
        utterance, answer = dialogue.turns[1].user, dialogue.turns[0].assistant
        steps["small-annotate"] = AnnotateUtterance(
            budget=budget, dialogue_language=language, utterance=utterance, before=answer, topics=topics
        )
    if types:
        steps["sentence-types"] = SentenceTypes(**at, order=tuple(SentenceType))
        steps["small-sentence-types"] = SmallSentenceTypes(**at, order=tuple(SentenceType))
    return steps


def other_steps(language: str, *, budget: int = 1000) -> dict[str, Step[Any]]:
    """The steps that are not of ProUtt's synthesis, which no ablation changes, by the name of their question."""
    dialogue, said = DIALOGUES[language], _SAID[language]
    context = dialogue.context(2)
    at: dict[str, Any] = {"budget": budget, "context": context}
    truth = Truth(dialogue.last_utterance, sentence_type_of(dialogue.last_utterance), (), Perspective.EXPLOITATION)
    told = at | {"truth": truth}
    reasoning = {"en": "The user may want to keep what is bought.", "zh": "用户可能想把买来的茶存起来。"}[language]
    predictions = tuple(Candidate(None, reasoning, None, each) for each in said)
    tree = fold(_PATHS[language])
    return {
        "compare": Compare(**at, truth=dialogue.last_utterance, first=said[:2], second=()),
        "likely-type": LikelyType(**at, tree=tree, order=tuple(SentenceType)),
        "foresee": Foresee(**at, count=4),
        "write-knowing": WriteKnowing(**told, count=4),
        "refine": Refine(**told, predictions=predictions, judged=("0.4 r", "0.1 r", "0.0 r", "0.0 r")),
        "profile": Profile(**at),
        "small-foresee": ForeseeOne(**at, others=said[2:]),
        "small-write-knowing": WriteOneKnowing(**told, others=(), same=True),
        "small-write-another": WriteOneKnowing(**told, others=said[:1], same=False),
        "small-refine": RefineOne(**told, others=said[:3], missed=predictions[3]),
    }
