"""A preference pair laid out for a terminal. Text of dialogues and models is sanitised and never read as markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from proutt.cli.differences import Piece, differences
from proutt.cli.terminal import one_line, plain
from proutt.export.text import tree_of
from proutt.intent import render
from proutt.methods.record import (
    CandidateRecord,
    EditRecord,
    PreferencePair,
    TrajectoryRecord,
)

#: Narrower terminals show chosen above rejected.
SIDE_BY_SIDE = 100
#: An utterance of the context is cut to this many characters unless all is asked for.
CLIPPED = 300

_MARKS = {"chosen": ("{+", "+}", "green"), "rejected": ("[-", "-]", "red")}


def pair_view(pair: PreferencePair, *, width: int, full: bool = False) -> Iterator[RenderableType]:
    """The parts of the view from top to bottom; `width` in columns of the terminal."""
    yield Text.assemble(
        (f"{one_line(pair.dialogue_id, 80)}:{pair.k}", "bold"),
        f"  {one_line(pair.language, 12)}  branch {pair.branch}  J_max {pair.j_max:.2f}  ",
        _verified(pair),
    )
    yield from _section(f"Context: {_count(pair.k, 'turn')}", _context(pair, full=full))
    if pair.tree is not None:
        yield from _section("Intent tree", _tree(pair))
    yield from _section("Truth: what the user said next", _truth(pair))
    yield from _section("Candidates as predicted, with judge scores", _candidates(pair))
    yield from _section("Edits", _edits(pair))
    yield from _section("Verification", _verification(pair))
    yield from _section("Chosen and rejected: {+only chosen+} [-only rejected-]", _trajectories(pair, width))


def _section(title: str, body: RenderableType) -> Iterator[RenderableType]:
    yield Text()
    yield Rule(Text(title, style="bold"), align="left", characters="─")
    yield body


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _verified(pair: PreferencePair) -> str:
    if pair.verified is None:
        return "not checked"
    return "verified" if pair.verified else "NOT verified"


def _context(pair: PreferencePair, *, full: bool) -> RenderableType:
    said = [] if pair.context.opening is None else [("Assistant", pair.context.opening)]
    for turn in pair.context.turns:
        said += [("User", turn.user), ("Assistant", turn.assistant)]
    return Group(*(_said(speaker, text, full=full) for speaker, text in said))


def _said(speaker: str, text: str, *, full: bool) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=10, no_wrap=True)
    table.add_column(overflow="fold")
    shown = text if full or len(text) <= CLIPPED else f"{text[:CLIPPED]}… ({len(text) - CLIPPED:,} more characters)"
    table.add_row(Text(speaker, style="bold" if speaker == "User" else "dim"), Text(plain(shown)))
    return table


def _tree(pair: PreferencePair) -> Text:
    tree = tree_of(pair)
    return Text("" if tree is None else plain(render(tree)))


def _truth(pair: PreferencePair) -> Text:
    kind = "" if pair.truth.sentence_type is None else f"{pair.truth.sentence_type.value}, "
    paths = "; ".join(plain(str(path.path())) for path in pair.truth.paths)
    return Text.assemble((plain(pair.truth.utterance), "bold"), f"\n{kind}{pair.truth.perspective.value}: {paths}")


def _candidates(pair: PreferencePair) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for number, each in enumerate(pair.candidates, start=1):
        body = Text.assemble((plain(each.utterance), "bold"), f"\n{_path(each)}")
        if each.reason:
            body.append(f"\njudge: {plain(each.reason)}", style="dim")
        table.add_row(Text(f"{number}  {each.score:.2f}"), body)
    return table


def _path(candidate: CandidateRecord) -> str:
    path = "" if candidate.path is None else f": {plain(str(candidate.path.path()))}"
    return f"{candidate.perspective.value}{path}"


def _edits(pair: PreferencePair) -> Text:
    return Text("\n".join(_edit("chosen", pair.chosen_edit) + _edit("rejected", pair.rejected_edit)))


def _edit(side: str, edit: EditRecord) -> list[str]:
    verb = {"keep": "kept as predicted", "revise": "revised", "perturb": "perturbed"}[edit.edit]
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
        f"{_count(check.tries, 'try').replace('trys', 'tries')}",
        *(plain(problem) for problem in check.problems),
    ]
    return Text("\n".join(lines))


def _scores(scores: Sequence[float]) -> str:
    return " ".join(f"{score:.2f}" for score in scores) or "no scores"


def _trajectories(pair: PreferencePair, width: int) -> RenderableType:
    rows = _compared(pair)
    if width < SIDE_BY_SIDE:
        chosen = _panel("chosen", [(title, text) for title, text, _ in rows])
        return Group(chosen, _panel("rejected", [(title, text) for title, _, text in rows]))
    table = Table(show_lines=True, expand=True)
    for side in _MARKS:
        table.add_column(Text(side), ratio=1, overflow="fold")
    for title, one, other in rows:
        table.add_row(*(Group(Text(title, style="dim"), text) for text in (one, other)))
    return table


def _compared(pair: PreferencePair) -> list[tuple[str, Text, Text]]:
    """Title, chosen and rejected text of each place, each text compared with the one at the same place beside it."""
    chosen, rejected = _parts(pair.chosen), _parts(pair.rejected)
    rows = []
    for title in dict.fromkeys([*chosen, *rejected]):
        one, other = differences(chosen.get(title, ""), rejected.get(title, ""))
        rows.append((title, _marked("chosen", one), _marked("rejected", other)))
    return rows


def _panel(side: str, rows: Sequence[tuple[str, Text]]) -> Panel:
    body = [part for title, text in rows for part in (Text(title, style="dim"), Padding(text, (0, 0, 0, 2)))]
    return Panel(Group(*body), title=Text(side), title_align="left")


def _parts(trajectory: TrajectoryRecord) -> dict[str, str]:
    """Title → text of everything that a trajectory says, in order."""
    parts: dict[str, str] = {}
    if trajectory.sentence_type is not None:
        parts["Sentence type"] = f"{trajectory.sentence_type.value}: {trajectory.sentence_type_reasoning or ''}"
    for number, each in enumerate(trajectory.candidates, start=1):
        path = "" if each.path is None else f"\n{each.path.path()}"
        parts[f"Candidate {number}, {each.perspective.value}"] = f"{each.utterance}{path}\n{each.reasoning}"
    return parts


def _marked(side: str, pieces: Sequence[Piece]) -> Text:
    """The text with what only this side says in colour and between marks, so that it reads without colour too."""
    before, after, style = _MARKS[side]
    text = Text()
    for piece in pieces:
        if piece.own and piece.text.strip():
            text.append(f"{before}{plain(piece.text)}{after}", style=style)
        else:
            text.append(plain(piece.text))
    return text
