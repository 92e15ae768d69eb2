"""A preference pair as training text: one prompt and two completions that differ only where their trajectories do.

A completion is laid out after ProUtt's figures 7 and 8: between `<think>` and `</think>` the intent tree, the
sentence-type reasoning and both perspectives; then the answer, one `<predict>` line for each candidate. The layout
around them is the one that every trainer's template leaves whole (docs/exports.md, "Canonical layout").
"""

from __future__ import annotations

from dataclasses import dataclass

from proutt.dialogue import Context, Turn
from proutt.export.neutral import folded, neutral
from proutt.export.prompt import Instruction, Outline, prompt_text
from proutt.export.simulation import SIMULATORS, simulating, swapped
from proutt.export.wording import Wording, wording
from proutt.intent import Candidate, IntentTree, Leaf, Perspective, Trajectory, render
from proutt.methods.baselines import BASELINES
from proutt.methods.record import PreferencePair
from proutt.prompts.template import fill


@dataclass(frozen=True, slots=True)
class TrainingText:
    """What a trainer sees of a pair.

    messages  (role, text) of each message of the prompt
    rejected  None of methods that make data for SFT only
    """

    messages: tuple[tuple[str, str], ...]
    chosen: str
    rejected: str | None

    @property
    def prompt(self) -> str:
        """The prompt's messages as one text, an empty line between two of them."""
        return "\n\n".join(text for _, text in self.messages)


def training_text(pair: PreferencePair, instruction: Instruction = "structured") -> TrainingText:
    """The texts of a pair. The truth is not read, so it cannot be in them but for what the trajectories took over.

    `instruction` is of ProUtt's task: rows of a user simulator have their own.
    """
    if pair.method in SIMULATORS:
        return _simulator_text(pair)
    tree, chosen = tree_of(pair), pair.chosen.trajectory()
    prompt = prompt_text(context_of(pair), instruction=instruction, outline=outline_of(tree, chosen))
    rejected = completion_text(tree, pair.rejected.trajectory(), pair.language) if has_rejected(pair) else None
    return TrainingText((("user", prompt),), completion_text(tree, chosen, pair.language), rejected)


def has_rejected(pair: PreferencePair) -> bool:
    """Whether the pair's method makes a rejected side; else the pair is for SFT only."""
    baseline = BASELINES.get(pair.method)
    return baseline is None or baseline.preference


def _simulator_text(pair: PreferencePair) -> TrainingText:
    """The swapped chat, and the user's next utterance as it was said: it is the target, and in no prompt."""
    messages = swapped(context_of(pair), simulating(pair.language, pair.profile))
    said = pair.chosen.candidates[0].utterance if pair.chosen.candidates else ""
    return TrainingText(tuple((role, neutral(text)) for role, text in messages), neutral(said), None)


def context_of(pair: PreferencePair) -> Context:
    """D^(K) of a record."""
    turns = tuple(Turn(turn.user, turn.assistant) for turn in pair.context.turns)
    return Context(pair.dialogue_id, pair.language, turns, pair.context.opening)


def tree_of(pair: PreferencePair) -> IntentTree | None:
    """T^(K) of a record, or None under the ablation "intent-tree"."""
    if pair.tree is None:
        return None
    return IntentTree(
        {
            topic: {attribute: Leaf(leaf.value, leaf.turn) for attribute, leaf in leaves.items()}
            for topic, leaves in pair.tree.items()
        }
    )


def outline_of(tree: IntentTree | None, trajectory: Trajectory) -> Outline:
    """Which steps a completion of this trajectory has, and how many candidates of each perspective."""
    return Outline(
        tree=tree is not None,
        sentence_type=trajectory.sentence_type is not None,
        exploitation=len(trajectory.of(Perspective.EXPLOITATION)),
        exploration=len(trajectory.of(Perspective.EXPLORATION)),
        plain=sum(each.perspective is None for each in trajectory.candidates),
    )


def completion_text(tree: IntentTree | None, trajectory: Trajectory, language: str) -> str:
    """r and Û as the text that a model learns to write: reasoning R, then answer A, in the canonical layout."""
    words = wording(language)
    reasoning, answer = _reasoning(tree, trajectory, words), _answer(trajectory, words)
    return "<think>\n" + reasoning.strip("\n") + "\n</think>\n\n" + answer.strip()


def _reasoning(tree: IntentTree | None, trajectory: Trajectory, words: Wording) -> str:
    steps = [
        *_tree_step(tree, words),
        *_type_step(trajectory, words),
        *_predicting_step(tree, trajectory, words),
    ]
    ordinals = words.ordinals[len(steps)]
    return "\n\n".join(
        f"{ordinal}{sentence}\n{body}" for ordinal, (sentence, body) in zip(ordinals, steps, strict=True)
    )


def _tree_step(tree: IntentTree | None, words: Wording) -> list[tuple[str, str]]:
    return [] if tree is None else [(words.tree_step, f"{words.tree_label}\n{neutral(render(tree))}")]


def _type_step(trajectory: Trajectory, words: Wording) -> list[tuple[str, str]]:
    if trajectory.sentence_type is None:
        return []
    reasoning = folded(trajectory.sentence_type_reasoning or "")
    name = words.sentence_types[trajectory.sentence_type]
    return [(words.type_step, fill(words.type_analysis, reasoning=reasoning, type=name))]


def _predicting_step(tree: IntentTree | None, trajectory: Trajectory, words: Wording) -> list[tuple[str, str]]:
    plain = [_candidate(each, words, with_path=False) for each in trajectory.candidates if each.perspective is None]
    if plain:
        return [(words.plain_step, "\n".join(f"- {thought}" for thought in plain if thought))]
    return [(words.perspectives_step, _perspectives(tree, trajectory, words))]


def _perspectives(tree: IntentTree | None, trajectory: Trajectory, words: Wording) -> str:
    sections = []
    for perspective in Perspective:
        thoughts = (_candidate(each, words, with_path=tree is not None) for each in trajectory.of(perspective))
        lines = [f"- {thought}" for thought in thoughts if thought]  # released rows have one reasoning a perspective
        if lines:
            sections.append("\n".join([words.perspectives[perspective], *lines]))
    return "\n\n".join(sections)


def _candidate(candidate: Candidate, words: Wording, *, with_path: bool) -> str:
    reasoning = folded(candidate.reasoning)
    if candidate.path is None or not with_path:
        return reasoning
    return fill(words.path, reasoning=reasoning, path=folded(str(candidate.path)))


def _answer(trajectory: Trajectory, words: Wording) -> str:
    predictions = (f"<predict>{folded(candidate.utterance)}</predict>" for candidate in trajectory.candidates)
    return "\n".join([words.lead_in, *predictions])
