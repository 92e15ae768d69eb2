"""Algorithm 1 of ProUtt for one dialogue and one K, in the paper's order.

The questions go to a model by `Steps`, which it is given; nothing here reads files, knows endpoints or keeps time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

from proutt.dialogue import Context, Dialogue
from proutt.errors import AnswerError, ItemFailed, ModelError
from proutt.intent import Candidate, IntentPath, IntentTree, Perspective, SentenceType, Trajectory, Truth
from proutt.judge import Judge
from proutt.methods.proutt.annotation import Annotation
from proutt.methods.proutt.edits import (
    Edit,
    Edits,
    Replacement,
    edits_for,
    future_replacements,
    perturbed_positions,
    revised_position,
    true_positions,
)
from proutt.methods.proutt.pair import Pair, Prediction, Side, Skipped, better
from proutt.methods.proutt.settings import Settings
from proutt.methods.proutt.steps import At, Steps
from proutt.methods.together import together
from proutt.prompts.proutt import candidates_alike

A = TypeVar("A")


@dataclass(frozen=True)
class Turn:
    """One (dialogue, K) at work: what every step of it needs."""

    context: Context
    tree: IntentTree | None
    truth: Truth
    futures: tuple[tuple[IntentPath, int], ...]
    settings: Settings
    steps: Steps
    judge: Judge

    @property
    def place(self) -> str:
        """Names this turn within a run; chance is keyed by it."""
        return f"{self.context.dialogue_id}/{self.context.k}"

    def rng(self, what: str) -> Random:
        return Random(f"{self.settings.seed}/{self.place}/{what}")

    def at(self, number: int = 1) -> At:
        """Where a step asks; `number` counts the tries of an edit."""
        return At(self.context, self.tree, self.place if number == 1 else f"{self.place}/try-{number}")

    async def pair(self) -> Pair:
        """Lines 5 to 22."""
        prediction = await self.predict()
        edits = edits_for(prediction.j_max, tau_low=self.settings.tau_low, tau_high=self.settings.tau_high)
        chosen, rejected = await self.edit(prediction, edits)
        return Pair(self.context, self.tree, self.truth, prediction, edits, chosen, rejected)

    # Lines 5 to 7: predict and judge.

    async def predict(self) -> Prediction:
        """Sentence types and paths side by side (neither needs the other: both know s*), then the judge."""
        chains, candidates = await together(self.sentence_types(), self.paths())
        scores = await self.judge.scores(
            self.context, self.truth, [each.utterance for each in candidates], f"{self.place}/predicted"
        )
        return Prediction(candidates, scores, chains)

    async def sentence_types(self) -> dict[SentenceType, str]:
        """r_{s_j} for all s_j ∈ S (equation 2); nothing under the ablation "sentence-type"."""
        if not self.settings.reasons_types:
            return {}
        order = list(SentenceType)
        self.rng("type-order").shuffle(order)  # a weak model favours what comes first
        return await self.steps.sentence_types(self.at(), order)

    async def paths(self) -> tuple[Candidate, ...]:
        """PATHREASON: Q candidates per perspective (equations 5 to 7)."""
        s_star = self.truth.sentence_type if self.settings.reasons_types else None
        candidates = await self.steps.predict(self.at(), self.settings.q, s_star)
        alike = candidates_alike(candidates, self.context.language)
        if alike:
            raise AnswerError(
                alike, step="paths", kind="unusable", raw=" / ".join(each.utterance for each in candidates)
            )
        return candidates

    # Lines 8 to 20: both sides, side by side, edited again while the judge objects.

    async def edit(self, prediction: Prediction, edits: Edits) -> tuple[Side, Side]:
        """(r⁺, Û⁺) and (r⁻, Û⁻). What the judge objects to is tried again, the rest stays."""
        predicted = tuple(each.score for each in prediction.scores)
        chosen = Trajectory(*self._type(prediction, self.truth.sentence_type), prediction.candidates)
        rejected = Trajectory(*self._type(prediction, self._wrong_type()), prediction.candidates)
        best = {"chosen": Side(chosen, edits.chosen), "rejected": Side(rejected, edits.rejected)}
        if edits.rejected is Edit.PERTURB:
            perturbed = perturbed_positions(prediction.candidates, predicted, self.truth, tau_low=self.settings.tau_low)
        else:
            perturbed = true_positions(prediction.candidates, self.truth)
        worded = tuple(range(len(prediction.candidates))) if rejected.sentence_type else perturbed
        position = revised_position(prediction.candidates, self.truth, self.rng("revised-position"))
        used = [each.path for each in prediction.candidates if each.path is not None]
        for number in range(1, self._tries + 1):
            attempts = {}
            if edits.chosen is Edit.REVISE and (number == 1 or max(best["chosen"].scores) < self.settings.tau_high):
                attempts["chosen"] = self.revised(best["chosen"], position, number)
            if worded:
                attempts["rejected"] = self.reworded(best["rejected"], perturbed, worded, used, number)
            if number > 1 and not attempts:
                break
            if number == 1:
                sides = {**best, **dict(zip(attempts, await together(*attempts.values()), strict=True))}
                if not self.settings.verify:
                    return sides["chosen"], sides["rejected"]
                best = await self.verified(sides, predicted, number)
            else:
                sides = await self._tried_again(attempts)
                if sides:
                    fresh = await self.verified(sides, predicted, number)
                    best |= {name: better(name, side, best[name]) for name, side in fresh.items()}
            if "rejected" in sides:
                used += [each.path for each in sides["rejected"].replaced]
            perturbed, worded = self._objected(best["rejected"])
        return best["chosen"], best["rejected"]

    async def _tried_again(self, attempts: Mapping[str, Awaitable[Side]]) -> dict[str, Side]:
        """The sides that a further try could write; where it could not, the earlier try stays as it was judged."""
        sides = await together(*(_or_none(each) for each in attempts.values()))
        return {name: side for name, side in zip(attempts, sides, strict=True) if side is not None}

    def _objected(self, rejected: Side) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """(perturbed, worded): positions whose path, and whose utterance, is tried again since it is near the truth."""
        near = [at for at in rejected.changed if rejected.scores[at] > self.settings.tau_low]
        mine = [at for at in near if rejected.trajectory.candidates[at].perspective is self.truth.perspective]
        perturbed = tuple(mine) if rejected.edit is Edit.PERTURB else ()
        return perturbed, tuple(near) if rejected.trajectory.sentence_type else perturbed

    async def verified(self, sides: dict[str, Side], predicted: tuple[float, ...], number: int) -> dict[str, Side]:
        """The sides with the judge's scores: of what this try worded anew and in one call, of the rest as before."""
        utterances = [side.trajectory.candidates[at].utterance for side in sides.values() for at in side.worded]
        fresh: list[float] = []
        if utterances:
            judged = await self.judge.scores(self.context, self.truth, utterances, f"{self.place}/edited/{number}")
            fresh = [each.score for each in judged]
        scored = {}
        for name, side in sides.items():
            scores = list(side.scores or predicted)
            for at in side.worded:
                scores[at] = fresh.pop(0)
            scored[name] = replace(side, scores=tuple(scores), tries=number)
        return scored

    async def revised(self, side: Side, position: int, number: int) -> Side:
        """The side with p_{K+1} put in and verbalised under s* (REVISE, GENERATEAPPROX)."""
        others = [each.utterance for at, each in enumerate(side.trajectory.candidates) if at != position]
        revised = await self.steps.revise(
            self.at(number), self.truth.path, self.truth.perspective, side.trajectory.sentence_type, others
        )
        replacement = Replacement(position, self.truth.path, self.context.k + 1)
        return replace(
            side,
            trajectory=side.trajectory.with_candidate(position, revised),
            replaced=(replacement,),
            changed=(position,),
            worded=(position,),
        )

    async def reworded(
        self,
        side: Side,
        perturbed: tuple[int, ...],
        worded: tuple[int, ...],
        used: Sequence[IntentPath],
        number: int,
    ) -> Side:
        """The side verbalised under s⁻, with wrong paths where it came near the truth (REPLACEPATH, GENERATE)."""
        candidates = side.trajectory.candidates
        replacements = await self._wrong_paths(candidates, perturbed, used, number)
        paths = [each.path for each in candidates]
        for each in replacements:
            paths[each.position] = each.path
        reworded = await self.steps.reword(
            self.at(number),
            [path for path in paths if path is not None],
            reasoned=perturbed,
            worded=worded,
            sentence_type=side.trajectory.sentence_type,
            others=[each.utterance for at, each in enumerate(candidates) if at not in worded],
            before=[candidates[at].utterance for at in worded],
        )
        utterances = dict(zip(worded, reworded.utterances, strict=True))
        reasonings = dict(zip(perturbed, reworded.reasonings, strict=True))
        written = tuple(
            Candidate(
                each.perspective,
                reasonings.get(at, each.reasoning),
                paths[at],
                utterances.get(at, each.utterance),
            )
            for at, each in enumerate(candidates)
        )
        kept = tuple(each for each in side.replaced if each.position not in perturbed)
        return replace(
            side,
            trajectory=replace(side.trajectory, candidates=written),
            edit=Edit.PERTURB if replacements else side.edit,
            replaced=tuple(sorted((*kept, *replacements), key=lambda each: each.position)),
            changed=tuple(sorted({*side.changed, *worded})),
            worded=worded,
        )

    async def _wrong_paths(
        self, candidates: Sequence[Candidate], perturbed: tuple[int, ...], used: Sequence[IntentPath], number: int
    ) -> tuple[Replacement, ...]:
        """A path for each position perturbed that is wrong there, and of the perspective of the place."""
        staying = [each.path for at, each in enumerate(candidates) if at not in perturbed and each.path is not None]
        found: list[Replacement] = []
        for perspective in Perspective:
            places = [at for at in perturbed if candidates[at].perspective is perspective]
            if places:
                barred = [*staying, *used, *(each.path for each in found)]
                drawn = await self._drawn_paths(perspective, len(places), barred, number)
                found += [Replacement(at, path, turn) for at, (path, turn) in zip(places, drawn, strict=True)]
        return tuple(sorted(found, key=lambda each: each.position))

    async def _drawn_paths(
        self, perspective: Perspective, n: int, barred: Sequence[IntentPath], number: int
    ) -> list[tuple[IntentPath, int | None]]:
        """First p_{K+ε}, ε ≥ 2, in random order; where none is left, paths that the model writes (III-D.3)."""
        futures: list[tuple[IntentPath, int]] = []
        if self.settings.uses_future_paths:
            futures = future_replacements(
                self.futures,
                tree=self.tree,
                truth=self.truth,
                perspective=perspective,
                staying=barred,
                rng=self.rng("future-paths"),
            )[:n]
        found: list[tuple[IntentPath, int | None]] = list(futures)
        if len(found) < n:
            avoid = [*self.truth.paths[1:], *barred, *(path for path, _ in futures)]
            written = await self.steps.distinguish(self.at(number), self.truth.path, avoid, perspective, n - len(found))
            found += [(path, None) for path in written]
        return found

    # What the steps share.

    def _type(self, prediction: Prediction, kind: SentenceType | None) -> tuple[SentenceType | None, str | None]:
        """(s, R^s) for one side (equations 3 and 4)."""
        if kind is None or not self.settings.reasons_types:
            return None, None
        return kind, prediction.chains[kind]

    def _wrong_type(self) -> SentenceType | None:
        """s̄ ~ Unif(S \\ {s*}) (equation 4)."""
        if not self.settings.reasons_types:
            return None
        others = [each for each in SentenceType if each is not self.truth.sentence_type]
        return self.rng("wrong-type").choice(others)

    @property
    def _tries(self) -> int:
        return self.settings.verify_tries if self.settings.verify else 1


async def _or_none(answer: Awaitable[A]) -> A | None:
    """The answer, or None where the model gave none that can be used."""
    try:
        return await answer
    except AnswerError:
        return None


def selected_ks(dialogue: Dialogue, settings: Settings) -> tuple[int, ...]:
    """Which K of a dialogue are taken: all of 1..N-1, the last, or one at random (keyed by the dialogue)."""
    ks = tuple(dialogue.ks)
    if settings.turns == "all" or not ks:
        return ks
    if settings.turns == "last":
        return ks[-1:]
    return (Random(f"{settings.seed}/{dialogue.id}/turn").choice(ks),)


async def synthesize_turn(annotation: Annotation, k: int, *, settings: Settings, steps: Steps, judge: Judge) -> Pair:
    """The preference pair of one dialogue and one K.

    Raises Skipped where the paper's method makes none (no new path at turn K+1, or no topic yet to exploit), and
    ItemFailed, with the step and the model's last text, where a step could not be done.
    """
    truth = annotation.truth(k)
    if truth is None:
        raise Skipped("no-new-path")
    tree = annotation.tree(k) if settings.builds_tree else None
    if tree is not None and not tree.topics:
        raise Skipped("empty-tree")
    turn = Turn(annotation.dialogue.context(k), tree, truth, annotation.future_paths(k), settings, steps, judge)
    try:
        return await turn.pair()
    except AnswerError as error:
        raise ItemFailed(str(error), reason=error.kind, stage=error.step, raw=error.raw) from error
    except ModelError as error:
        if error.fatal:
            raise
        raise ItemFailed(str(error), reason=error.kind, stage=error.step) from error
