"""Writes the pairs and the test dialogues of `smoke.yaml`: short, from templates, with test subjects that no pair has.

    python experiments/smoke_pairs.py

They let a model of 135M weights learn ProUtt's layout in a minute on two cores. Texts from templates say nothing about
the quality of suggestions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from proutt.intent import SentenceType
from proutt.methods.record import (
    CandidateRecord,
    ContextRecord,
    EditRecord,
    LeafRecord,
    PathRecord,
    PreferencePair,
    ReplacementRecord,
    ScoredCandidateRecord,
    TrajectoryRecord,
    TruthRecord,
    TurnRecord,
    UsageRecord,
)

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
SUBJECTS = (
    *("basil", "lentils", "rye bread", "kimchi", "a bicycle", "a tent", "a kayak", "a violin", "chess", "pottery"),
    *("a greenhouse", "honey", "cheese", "a telescope", "origami", "roses", "compost", "a parrot", "wallpaper"),
    *("a hammock", "a drone", "a loom", "a hedge", "a canoe"),
)
HELD_OUT = ("a kite", "soap", "a piano", "tomatoes")
#: What is asked first and what is answered; what is asked next, by attribute.
TURNS = (
    ("How do I start with {it}?", "Begin small and see how it goes.", "first steps"),
    ("Is {it} hard to look after?", "It takes a little time each week.", "care"),
)
NEXT = {
    "price": "What does {it} cost?",
    "tools": "Which tools do I need for {it}?",
    "time": "How long will {it} take me?",
}
TOPICS = {"a class": "Is there a class near me?", "a book": "Which book should I read first?"}


def candidate(subject: str, attribute: str) -> CandidateRecord:
    """Exploitation: another attribute of the subject."""
    return CandidateRecord(
        perspective="exploitation",
        path=PathRecord(topic=subject, attribute=attribute),
        reasoning=f"The user asked about {subject}, so the {attribute} may be next.",
        utterance=NEXT[attribute].format(it=subject),
    )


def exploring(topic: str) -> CandidateRecord:
    """Exploration: a topic that nobody has named."""
    return CandidateRecord(
        perspective="exploration",
        path=PathRecord(topic=topic, attribute="search"),
        reasoning=f"The user is new to it, so {topic} would help.",
        utterance=TOPICS[topic],
    )


def context(subject: str, number: int) -> TurnRecord:
    user, assistant, _ = TURNS[number % len(TURNS)]
    return TurnRecord(user=user.format(it=subject), assistant=assistant)


def pair(number: int, subject: str) -> PreferencePair:
    """Chosen asks on about the subject; rejected asks about another dialogue's, in the other sentence type."""
    wanted, topic = list(NEXT)[number % len(NEXT)], list(TOPICS)[number % len(TOPICS)]
    other = SUBJECTS[(number + 7) % len(SUBJECTS)]
    right, wrong = candidate(subject, wanted), candidate(other, wanted)
    wrong = wrong.model_copy(update={"utterance": f"Tell me more about {other}."})
    truth = TruthRecord(
        utterance=right.utterance,
        sentence_type=SentenceType.INTERROGATIVE,
        paths=[PathRecord(topic=subject, attribute=wanted)],
        perspective="exploitation",
    )
    return PreferencePair(
        method="proutt",
        dialogue_id=f"smoke-{number + 1}",
        k=1,
        language="en",
        source="smoke_pairs.py",
        context=ContextRecord(turns=[context(subject, number)]),
        tree={subject: {TURNS[number % len(TURNS)][2]: LeafRecord(value=None, turn=1)}},
        truth=truth,
        candidates=[
            ScoredCandidateRecord(**each.model_dump(), score=score, reason="")
            for each, score in ((right, 0.9), (exploring(topic), 0.1))
        ],
        j_max=0.9,
        branch="high",
        chosen_edit=EditRecord(edit="keep"),
        rejected_edit=EditRecord(
            edit="perturb",
            replaced=[ReplacementRecord(position=0, path=wrong.path, origin="model", turn=None)],
        ),
        chosen=side(SentenceType.INTERROGATIVE, f"After an answer about {subject} a question is likely.", right, topic),
        rejected=side(SentenceType.IMPERATIVE, f"The user wants to be told about {other}.", wrong, topic),
        verification=None,
        verified=None,
        models={},
        judge="none",
        sentence_types="rules",
        prompt_version="none",
        seed=0,
        settings={"q": 1},
        usage=UsageRecord(calls=0, prompt_tokens=0, completion_tokens=0),
    )


def side(sentence_type: SentenceType, reasoning: str, first: CandidateRecord, topic: str) -> TrajectoryRecord:
    return TrajectoryRecord(
        sentence_type=sentence_type, sentence_type_reasoning=reasoning, candidates=[first, exploring(topic)]
    )


def dialogue(number: int, subject: str) -> dict[str, Any]:
    """A test dialogue of two turns; what is asked last is the truth."""
    turn = context(subject, number)
    asked = list(NEXT.values())[number % len(NEXT)].format(it=subject)
    texts = (("user", turn.user), ("assistant", turn.assistant), ("user", asked), ("assistant", "That depends."))
    return {"id": f"smoke-test-{number + 1}", "messages": [{"role": role, "content": text} for role, text in texts]}


def write(name: str, lines: Iterable[str]) -> None:
    (EXAMPLES / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def main() -> None:
    write("smoke-pairs.jsonl", (pair(*each).model_dump_json() for each in enumerate(SUBJECTS)))
    write("smoke-test.jsonl", (json.dumps(dialogue(*each)) for each in enumerate(HELD_OUT)))


if __name__ == "__main__":
    main()
