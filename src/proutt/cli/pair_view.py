"""A preference pair laid out for a terminal. Text of dialogues and models is sanitised and never read as markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from proutt.cli.terminal import one_line, plain
from proutt.cli.view_parts import count, panel, said, section, sides
from proutt.export.simulation import SIMULATORS
from proutt.export.text import tree_of
from proutt.intent import render
from proutt.methods.baselines import BASELINES
from proutt.methods.record import (
    CandidateRecord,
    EditRecord,
    PreferencePair,
    TrajectoryRecord,
)


def pair_view(pair: PreferencePair, *, width: int, full: bool = False) -> Iterator[RenderableType]:
    """The parts of the view from top to bottom; `width` in columns of the terminal."""
    yield Text.assemble(
        (f"{one_line(pair.dialogue_id, 80)}:{pair.k}", "bold"),
        f"  {_method(pair)}{one_line(pair.language, 12)}  branch {pair.branch}  J_max {pair.j_max:.2f}  ",
        _verified(pair),
    )
    yield from section(f"Context: {count(pair.k, 'turn')}", _context(pair, full=full))
    if pair.tree is not None:
        yield from section("Intent tree", _tree(pair))
    yield from section("Truth: what the user said next", _truth(pair))
    if pair.profile is not None:
        yield from section("Profile of the user", Text(plain(pair.profile)))
    if pair.method not in SIMULATORS:
        yield from section("Candidates as predicted, with judge scores", _candidates(pair))
    if pair.rejected.candidates:
        yield from section("Edits", _edits(pair))
        yield from section("Verification", _verification(pair))
    yield from _sides(pair, width)


def _sides(pair: PreferencePair, width: int) -> Iterator[RenderableType]:
    if not pair.rejected.candidates:
        rows = [(title, Text(plain(text))) for title, text in _parts(pair.chosen).items()]
        yield from section("Completion to learn; there is no rejected one", panel("chosen", rows))
        return
    title = "Chosen and rejected: {+only chosen+} [-only rejected-]"
    yield from section(title, sides(_parts(pair.chosen), _parts(pair.rejected), width))


def _method(pair: PreferencePair) -> str:
    """The method's name where it is not ProUtt's."""
    return "" if pair.method == "proutt" else f"{one_line(pair.method, 24)}  "


def _verified(pair: PreferencePair) -> str:
    if pair.verified is None:
        return "not checked"
    return "verified" if pair.verified else "NOT verified"


def _context(pair: PreferencePair, *, full: bool) -> RenderableType:
    lines = [] if pair.context.opening is None else [("Assistant", pair.context.opening)]
    for turn in pair.context.turns:
        lines += [("User", turn.user), ("Assistant", turn.assistant)]
    return Group(*(said(speaker, text, full=full) for speaker, text in lines))


def _tree(pair: PreferencePair) -> Text:
    tree = tree_of(pair)
    return Text("" if tree is None else plain(render(tree)))


def _truth(pair: PreferencePair) -> Text:
    kind = "" if pair.truth.sentence_type is None else f"{pair.truth.sentence_type.value}, "
    paths = "; ".join(plain(str(path.path())) for path in pair.truth.paths)
    named = "" if pair.truth.perspective is None else f"\n{kind}{pair.truth.perspective.value}: {paths}"
    return Text.assemble((plain(pair.truth.utterance), "bold"), named)


def _candidates(pair: PreferencePair) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for number, each in enumerate(pair.candidates, start=1):
        body = Text(plain(each.utterance), style="bold")
        if _path(each):
            body = Text.assemble(body, f"\n{_path(each)}")
        if each.reason:
            body.append(f"\njudge: {plain(each.reason)}", style="dim")
        table.add_row(Text(f"{number}  {each.score:.2f}"), body)
    return table


def _path(candidate: CandidateRecord) -> str:
    path = "" if candidate.path is None else f": {plain(str(candidate.path.path()))}"
    return f"{candidate.perspective or ''}{path}"


def _edits(pair: PreferencePair) -> Text:
    revised = "refined, the refiner told the truth" if pair.method in BASELINES else "revised"
    return Text("\n".join(_edit("chosen", pair.chosen_edit, revised) + _edit("rejected", pair.rejected_edit, revised)))


def _edit(side: str, edit: EditRecord, revised: str) -> list[str]:
    verb = {"keep": "kept as predicted", "revise": revised, "perturb": "perturbed"}[edit.edit]
    lines = [f"{side}: {verb}"]
    for each in edit.replaced:
        where = {
            "next-turn": f"the true path of turn {each.turn}",
            "future-turn": f"a path of turn {each.turn}",
            "model": "a path that the model wrote",
        }[each.origin]
        path = "" if each.path is None else f": {plain(str(each.path.path()))}"
        lines.append(f"  candidate {each.position + 1} ← {where}{path}")
    return lines


def _verification(pair: PreferencePair) -> Text:
    check = pair.verification
    if check is None:
        return Text("switched off")
    lines = [
        f"chosen {_scores(check.chosen_scores)}; rejected {_scores(check.rejected_scores)}; "
        f"{count(check.tries, 'try').replace('trys', 'tries')}",
        *(plain(problem) for problem in check.problems),
    ]
    return Text("\n".join(lines))


def _scores(scores: Sequence[float]) -> str:
    return " ".join(f"{score:.2f}" for score in scores) or "no scores"


def _parts(trajectory: TrajectoryRecord) -> dict[str, str]:
    """Title → text of everything that a trajectory says, in order."""
    parts: dict[str, str] = {}
    if trajectory.sentence_type is not None:
        parts["Sentence type"] = f"{trajectory.sentence_type.value}: {trajectory.sentence_type_reasoning or ''}"
    for number, each in enumerate(trajectory.candidates, start=1):
        path = "" if each.path is None else f"\n{each.path.path()}"
        named = "" if each.perspective is None else f", {each.perspective.value}"
        parts[f"Candidate {number}{named}"] = f"{each.utterance}{path}\n{each.reasoning}"
    return parts
