"""Evaluations as one HTML file: no script, nothing loaded, every text escaped; light and dark, wide and narrow.

The page's own policy allows its one style sheet, by its hash, and nothing else. On a narrow screen a row of a table
becomes a card that names each of its values. The same judgements give the same bytes.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from proutt import __version__
from proutt.errors import UserError
from proutt.evaluation.controls import is_control
from proutt.evaluation.figures import Panel, pictures
from proutt.evaluation.pointwise import ALL
from proutt.evaluation.tables import Table
from proutt.reports.assembly import hash_source, page_file
from proutt.reports.figure_svg import inline
from proutt.reports.markup import shown, text
from proutt.reports.mined_dialogues import mined_dialogues
from proutt.reports.parts import Part
from proutt.reports.scored_dialogues import scored_dialogues

#: What the paper's figures show, by number.
CAPTIONS = {
    3: "Win, tie, loss",
    4: "Agreement of two raters",
    5: "Verdicts of two raters: the first's by row, the second's by column",
    6: "The best of the first n suggestions",
}
#: Columns that say of which group a row is; a table is cut into one for each.
GROUPS = ("metric", "data set")

_VALUE = re.compile(r"(-?[\d.]+) (\[.*\])")


def write_evaluations(parts: Sequence[Part], out: Path) -> str | None:
    """Write the page to `out`, aside first and then in its place. Gives why there are no figures, None where there are.

    Raises UserError where it can't be written.
    """
    drawn, missing = _drawn([panel for part in parts for panel in part.panels])
    text = page(parts, drawn, missing)
    draft = out.with_name(f".{out.name}.part")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(out)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        remedy = "Name another file with --out."
        raise UserError(f"can't be written ({error.strerror or error}).", where=str(out), remedy=remedy) from error
    return missing


def _drawn(panels: Sequence[Panel]) -> tuple[list[str], str | None]:
    if not panels:
        return [], None
    try:
        return pictures(panels), None
    except UserError as error:
        return [], str(error)


def page(parts: Sequence[Part], drawn: Sequence[str], missing: str | None) -> str:
    """The whole page. drawn: the parts' panels as SVG, in order, or none; missing: why there are none."""
    style = page_file("evaluation.css")
    policy = f"default-src 'none'; style-src '{hash_source(style)}'; base-uri 'none'; form-action 'none'"
    figures = iter([*drawn, *[""] * (sum(len(part.panels) for part in parts) - len(drawn))])
    sections = [_section(number, part, figures) for number, part in enumerate(parts, start=1)]
    note = "" if missing is None else f'<p class="missing">No figures: {text(missing)}</p>'
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{text(_title(parts))}</title>\n<style>{style}</style>\n</head>\n<body>\n<header>\n"
        f"<h1>{text(_title(parts))}</h1>\n{_contents(parts)}{note}</header>\n<main>\n"
        + "".join(sections)
        + f"</main>\n<footer>proutt {text(__version__)}. {_numbers(parts)}</footer>\n</body>\n</html>\n"
    )


def _numbers(parts: Sequence[Part]) -> str:
    """How to read them."""
    kinds = {part.kind for part in parts}
    said = []
    if kinds - {"proactivity"}:
        said.append(
            "Percent and points are of 100; brackets are 95% intervals over dialogues. What the numbers mean: "
            "docs/evaluation.md."
        )
    if "proactivity" in kinds:
        said.append(
            "Scores of proactivity are 1 to 5; brackets are 95% intervals over personas. What the numbers mean: "
            "docs/upc.md."
        )
    return " ".join(said)


def _title(parts: Sequence[Part]) -> str:
    return f"Evaluation: {', '.join(dict.fromkeys(part.name for part in parts))}"


def _contents(parts: Sequence[Part]) -> str:
    if len(parts) < 2:
        return ""
    links = (f'<a href="#part-{at}">{part.title}: {text(part.name)}</a>' for at, part in enumerate(parts, start=1))
    return f'<nav aria-label="Evaluations">{" ".join(links)}</nav>\n'


def _section(number: int, part: Part, figures: Iterator[str]) -> str:
    """One evaluation: what to beware of first, then pictures, tables and settings."""
    warnings = "".join(f"<li>{text(each)}</li>" for each in part.warnings)
    settings = "".join(f"<div><dt>{text(name)}</dt><dd>{text(value)}</dd></div>" for name, value in part.settings)
    return (
        f'<section id="part-{number}">\n<h2>{part.title} <small>{text(part.name)}</small></h2>\n'
        f'<p class="lead">{text(part.lead)}</p>\n'
        + (f"<aside><h3>To keep in mind</h3><ul>{warnings}</ul></aside>\n" if warnings else "")
        + _figures(number, part.panels, figures)
        + "".join(_table(table) for table in part.tables)
        + mined_dialogues(part.dialogues)
        + scored_dialogues(part.scored)
        + (
            f'<details class="settings" open><summary>Settings</summary><dl>{settings}</dl></details>\n'
            if settings
            else ""
        )
        + "</section>\n"
    )


def _figures(number: int, panels: Sequence[Panel], figures: Iterator[str]) -> str:
    """The panels of each of the paper's figures, those of single data sets folded away where there are some of all."""
    by_caption: dict[str, list[tuple[str, str]]] = {}
    for at, panel in enumerate(panels):
        svg = next(figures)
        if svg:
            caption = panel.caption or CAPTIONS[panel.number]
            drawn = inline(svg, f"f{number}-{at}", f"{caption}, {shown(panel.title)}")
            figure = f"<figure><figcaption>{text(panel.title)}</figcaption>{drawn}</figure>"
            by_caption.setdefault(caption, []).append((panel.dataset, figure))
    return "".join(
        f"<h3>{caption}</h3>\n" + _folded(drawn, lambda found: f'<div class="figures">{"".join(found)}</div>\n')
        for caption, drawn in by_caption.items()
    )


def _folded(made: Sequence[tuple[str, str]], together: Callable[[Sequence[str]], str]) -> str:
    """What is of all data sets, then, to be unfolded, what is of single ones. made: data set and markup."""
    whole = [markup for dataset, markup in made if dataset == ALL]
    single = [markup for dataset, markup in made if dataset != ALL]
    if not whole:
        return together(single)
    rest = f"<details><summary>By data set</summary>\n{together(single)}</details>\n" if single else ""
    return together(whole) + rest


def _table(table: Table) -> str:
    """The rows of each group as a table of their own, without columns in which nothing stands."""
    leading = [at for at, name in enumerate(table.header) if name in GROUPS]
    others = [at for at in range(len(table.header)) if at not in leading]
    filled = [at for at in others if any(row[at] not in ("", "0") for row in table.rows)]
    if len(filled) < 3:  # too narrow to be cut
        leading, filled = [], [*leading, *filled]
    groups: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for row in table.rows:
        groups.setdefault(tuple(row[at] for at in leading), []).append(row)
    grids = [
        (group[-1] if group else "", _grid(table, ", ".join(name for name in group if name), filled, rows))
        for group, rows in groups.items()
    ]
    note = f'<p class="note">{text(table.note)}</p>\n' if table.note else ""
    return f"<h3>{text(table.title)}</h3>\n{_folded(grids, ''.join)}{note}"


def _grid(table: Table, group: str, columns: Sequence[int], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{text(table.header[at])}</th>' for at in columns)
    body = "".join(_row(table.header, columns, row) for row in rows)
    caption = f"<caption>{text(group)}</caption>" if group else ""
    return f'<div class="scroll"><table>{caption}<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>\n'


def _row(header: Sequence[str], columns: Sequence[int], row: Sequence[str]) -> str:
    control = bool(columns) and is_control(row[columns[0]])
    cells = "".join(f'<td data-name="{text(header[at])}">{_cell(row[at])}</td>' for at in columns)
    return ('<tr class="control">' if control else "<tr>") + f"{cells}</tr>\n"


def _cell(value: str) -> str:
    """A number stands out from its interval."""
    found = _VALUE.fullmatch(value)
    said = f"<b>{text(found[1])}</b> <span>{text(found[2])}</span>" if found else text(value)
    return f"<div>{said}</div>" if said else ""
