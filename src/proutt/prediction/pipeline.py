"""ProUtt's steps as inference, with no training: annotate the context, reason, predict (III-B to III-D.1).

The steps are those that synthesis asks (`methods/proutt/steps.py`); what a predictor can't know they do without. The
tree is made of the context alone, and the sentence type, which synthesis knows, is asked of the model.
"""

from __future__ import annotations

from dataclasses import dataclass

from proutt.dialogue import Context, Dialogue
from proutt.export.text import completion_text
from proutt.intent import IntentTree, SentenceType, Trajectory, fold
from proutt.methods.proutt import Settings, SmallSteps, Steps, WholeSteps
from proutt.methods.proutt.steps import At
from proutt.prediction.prediction import Asking, Chance, Prediction, Setting, Suggestion
from proutt.prediction.repair import each_once, kept
from proutt.prompts.prediction import LikelyType


@dataclass(frozen=True)
class Pipeline:
    """One call a step (`WholeSteps`), or one small question a call (`SmallSteps`), which leaves the form open."""

    setting: Setting

    async def __call__(self, context: Context, ask: Asking, chance: Chance) -> Prediction:
        q, small = self.setting.q, self.setting.small_steps
        settings = Settings(q=q, small_steps=small, sentence_types="rules", rounds_per_annotation=self.setting.rounds)
        steps: Steps = (SmallSteps if small else WholeSteps)(ask, settings, self.setting.budget)
        tree = await self._tree(context, steps)
        at = At(context, tree if tree.topics else None, f"{context.dialogue_id}/{context.k}")
        kind, reasoning = (None, None) if small else await self._type(at, ask, chance)
        candidates = await steps.predict(at, q, kind)
        trajectory = Trajectory(kind, reasoning, candidates)
        clean = kept([each.utterance for each in candidates], self.setting.count)
        return Prediction(
            tuple(
                Suggestion(text, candidates[index].perspective, kind, candidates[index].path)
                for index, text in clean.texts
            ),
            reasoning=_reasoning(at.tree, trajectory, context.language),
            tree=at.tree,
            problems=each_once([*([] if tree.topics else ["empty-tree"]), *clean.problems]),
        )

    async def _tree(self, context: Context, steps: Steps) -> IntentTree:
        """T^(K), annotated from a dialogue that ends with the context: nothing later exists for it."""
        known = Dialogue(context.dialogue_id, context.turns, context.language, opening=context.opening)
        notes = await steps.annotate(known, types=False)
        return fold([each.paths for each in notes])

    async def _type(self, at: At, ask: Asking, chance: Chance) -> tuple[SentenceType, str]:
        order = list(SentenceType)
        chance("type-order").shuffle(order)
        step = LikelyType(context=at.context, tree=at.tree, budget=self.setting.budget, order=tuple(order))
        answer = await ask(step, f"{at.place}/likely-type")
        return answer.sentence_type, answer.reasoning


def _reasoning(tree: IntentTree | None, trajectory: Trajectory, language: str) -> str:
    """The steps' reasoning in the layout of a trained model's, so that both read alike."""
    whole = completion_text(tree, trajectory, language)
    return whole.removeprefix("<think>\n").partition("\n</think>")[0]
