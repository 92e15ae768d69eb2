"""The page of evaluations: whole, safe, the same every time; legible in a browser, light and dark, wide and narrow."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evaluation.predictions import prediction, written
from proutt.errors import UserError
from proutt.evaluation import figures
from proutt.evaluation.agreeing import agreement_of, write_agreement
from proutt.evaluation.cases import bench, lengths
from proutt.evaluation.record import ScoreRecord, VerdictRecord
from proutt.evaluation.stored import CASES, FACTS, SCORES, VERDICTS, rebuilt
from proutt.reports.evaluation import parts_in
from proutt.reports.evaluation_page import write_evaluations
from proutt.reports.figure_svg import inline

pytest.importorskip("matplotlib")

MARKUP = "<script>document.title=1</script><img src=http://127.0.0.1:9/x onerror=alert(1)>\x1b[2J\u202e\"'&"
FACTS_OF = {
    **{"version": 1, "complete": True, "judge": "m", "judge_identity": "m @ http://10.0.0.7:8000/v1"},
    **{"judge_family": None, "same_family": [], "repeats": 1, "matters": 0.03, "seed": 0, "cases": 24, "dialogues": 12},
    **{"cases_not_in_all": 0, "cases_without_truth": 0, "questions": 24, "failed": {}},
}


def stored(folder: Path, kind: str, records: list, names: tuple[str, ...], **facts) -> Path:
    """An evaluation's folder with these judgements of twelve dialogues, two test cases each."""
    folder.mkdir()
    files = [
        written(folder / f"p{at}.jsonl", (prediction(name, f"d{d}", k, ["x", "longer"], source=f"s{d % 2}.jsonl:1")
                                          for d in range(12) for k in (1, 2)))
        for at, name in enumerate(names)
    ]  # fmt: skip
    judged = bench(files)
    (folder / CASES).write_text(
        "".join(json.dumps(row) + "\n" for row in lengths(judged.of_all(), judged.systems)), encoding="utf-8"
    )
    name = SCORES if kind == "pointwise" else VERDICTS
    (folder / name).write_text("".join(each.model_dump_json() + "\n" for each in records), encoding="utf-8")
    systems = {each: {"models": ["acme"], "runs": 1} for each in names}
    own = {"embed": None, "controls": [], "hit": 0.8} if kind == "pointwise" else {"orders": "both"}
    said = FACTS_OF | own | {"kind": kind, "systems": systems} | facts
    (folder / FACTS).write_text(json.dumps(said), encoding="utf-8")
    rebuilt(folder)
    return folder


def scores(folder: Path, names: tuple[str, ...] = ("good", "poor"), flags: list[str] | None = None, **facts) -> Path:
    records = [
        ScoreRecord(dialogue_id=f"d{d}", k=k, language="en", system=name, rank=rank, metric="llm-judge", rater="m",
                    score=(d + rank + 3 * at) % 10 / 10, flags=flags or [])
        for at, name in enumerate(names) for d in range(12) for k in (1, 2) for rank in (1, 2)
    ]  # fmt: skip
    return stored(folder, "pointwise", records, names, **facts)


def verdicts(folder: Path, names: tuple[str, str] = ("good", "poor"), *, biased: bool = False, **facts) -> Path:
    records = [
        VerdictRecord(dialogue_id=f"d{d}", k=k, language="en", a=names[0], b=names[1], first=first,
                      winner=first if biased else ("a", "tie", "a", "b")[d % 4], rater="m", kind="model")
        for d in range(12) for k in (1, 2) for first in ("a", "b")
    ]  # fmt: skip
    return stored(folder, "pairwise", records, names, **facts)


def agreement(folder: Path, names: tuple[str, str] = ("Ann", "Ben")) -> Path:
    records = [
        VerdictRecord(dialogue_id=f"d{d}", k=1, language="en", a="x", b="y", first="a", rater=name, kind="person",
                      winner=("a", "tie", "b")[(d + (at and d % 5 == 0)) % 3])
        for d in range(12) for at, name in enumerate(names)
    ]  # fmt: skip
    file = folder.with_name("people.jsonl")
    file.write_text("".join(each.model_dump_json() + "\n" for each in records), encoding="utf-8")
    results, tables = agreement_of([file], gate=0.75)
    write_agreement(folder, results, tables)
    return folder


def page(tmp_path: Path, *folders: Path) -> str:
    write_evaluations(parts_in(folders), tmp_path / "r.html")
    return (tmp_path / "r.html").read_text(encoding="utf-8")


class Elements(HTMLParser):
    """What a browser finds: the elements with their attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def count(self, tag: str) -> int:
        return sum(each == tag for each, _ in self.found)


def test_every_kind_has_its_tables_and_figures(tmp_path):
    """Tables as in tables.md, figures 3 to 6, settings; in one page."""
    found = page(tmp_path, scores(tmp_path / "s"), verdicts(tmp_path / "v"), agreement(tmp_path / "a"))
    for title in ("Scores, best of the suggestions", "Comparisons of systems", "Win, tie, loss", "Ranking",
                  "Agreement of two raters", "Krippendorff", "The best of the first n suggestions"):  # fmt: skip
        assert title in found
    assert Elements(found).count("svg") == 3 + 3 + 1 + 1  # three groups each; agreement has one
    cells = (tmp_path / "s" / "tables.md").read_text(encoding="utf-8").replace("\\", "")
    best = re.search(r"\| llm-judge \| all \| good \| ([\d.]+) (\[[^]]*\])", cells)
    assert f"<b>{best[1]}</b> <span>{best[2]}</span>" in found


def test_the_same_judgements_give_the_same_bytes(tmp_path):
    """Nothing tells when or where the page was made."""
    folders = (scores(tmp_path / "s"), verdicts(tmp_path / "v"), agreement(tmp_path / "a"))
    first = page(tmp_path, *folders)
    (tmp_path / "s" / "results.json").unlink()
    assert page(tmp_path, *folders) == first


def test_nothing_is_loaded_or_run_and_style_is_only_its_own(tmp_path):
    """The policy names the one style sheet by its hash; no element has a style of its own, which it would forbid."""
    found = page(tmp_path, scores(tmp_path / "s"), agreement(tmp_path / "a"))
    (style,) = re.findall(r"<style>(.*?)</style>", found, flags=re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'" in found
    for tag, attributes in Elements(found).found:
        assert tag not in {"script", "img", "image", "link", "iframe", "object", "form"}
        assert not {"style", "src", "onclick", "onload"} & attributes.keys()
        assert attributes.get("href", "#").startswith("#")


def test_ids_are_there_once_and_lead_somewhere(tmp_path):
    """Figures of one page do not share marks and clips by chance."""
    elements = Elements(page(tmp_path, scores(tmp_path / "s"), agreement(tmp_path / "a"))).found
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = {attributes["href"][1:] for _, attributes in elements if attributes.get("href", "").startswith("#")}
    assert wanted <= set(ids)


def test_markup_in_names_is_text(tmp_path):
    """Of systems, raters and folders; in tables and figures; control and direction characters are marks."""
    names = (MARKUP, "poor")
    folders = (scores(tmp_path / "s", names), verdicts(tmp_path / "v", names), agreement(tmp_path / "a", names))
    found = page(tmp_path, *folders)
    elements = Elements(found)
    assert elements.count("script") == elements.count("img") == 0
    assert "<script>document.title=1</script>" in elements.text
    assert "\x1b" not in found
    assert "\u202e" not in found
    assert elements.count("svg") == 8


def test_what_makes_numbers_doubtful_is_said(tmp_path):
    """One family, an injection, a failed question, an unfinished run; a biased judge, and one order."""
    doubtful = {"same_family": ["good"], "judge_family": "qwen", "failed": {"unparsable": 2}, "complete": False}
    found = Elements(page(tmp_path, scores(tmp_path / "s", flags=["injection-suspected"], **doubtful))).text
    for words in ("of the family qwen, as are models of good", "96 judgements flagged", "unparsable 2",
                  "not complete", "no controls", "inconclusive"):  # fmt: skip
        assert words in found
    found = Elements(page(tmp_path, verdicts(tmp_path / "v", biased=True))).text
    assert "The judge is biased" in found
    assert "To keep in mind" not in Elements(page(tmp_path, agreement(tmp_path / "a"))).text


def test_the_address_of_the_judge_is_not_told(tmp_path):
    """A page is passed on; where somebody's server stands is nobody's business."""
    assert "10.0.0.7" not in page(tmp_path, scores(tmp_path / "s"))


def test_without_matplotlib_the_tables_are_there_and_why_there_are_no_figures(tmp_path, monkeypatch):
    """One line with the remedy."""
    folder, real = scores(tmp_path / "s"), figures.importlib.import_module

    def absent(name: str):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name)

    monkeypatch.setattr(figures.importlib, "import_module", absent)
    missing = write_evaluations(parts_in([folder]), tmp_path / "r.html")
    assert missing is not None
    assert "pip install 'proutt[figures]'" in missing
    found = Elements((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert "pip install 'proutt[figures]'" in found.text
    assert (found.count("svg"), found.count("table") > 0) == (0, True)


def test_a_style_of_a_figure_becomes_attributes():
    """What is known is kept, what is not is dropped, ids are prefixed where something refers to them."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="72pt" height="36pt"'
        ' viewBox="0 0 72 36"><metadata>now</metadata><style>*{}</style><script>1</script><defs><path id="m" d="M 0"'
        ' style="stroke: #000000; behaviour: url(x)"/></defs><g id="unused"><use xlink:href="#m" onload="x"/>'
        '<text style="font: 9px serif; text-anchor: middle">a &lt; b</text></g></svg>'
    )
    assert inline(svg, "f1", 'a "name"') == (
        '<svg width="96" height="48" viewBox="0 0 72 36" role="img" aria-label="a &quot;name&quot;">'
        '<defs><path id="f1-m" d="M 0" stroke="#000000" /></defs><g><use href="#f1-m" />'
        '<text font-size="9" text-anchor="middle">a &lt; b</text></g></svg>'
    )


def test_a_folder_without_an_evaluation_is_named(tmp_path):
    """One line."""
    with pytest.raises(UserError, match="is no evaluation"):
        parts_in([tmp_path])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_in_a_browser_it_fits_the_screen_and_its_ink_stands_out(tmp_path, scheme, width):
    """Nothing is wider than the screen, nothing is asked for or complained of, and letters of figures are legible."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    names = (MARKUP, "a-system-with-a-name-that-never-ends-" * 4)
    page(tmp_path, scores(tmp_path / "s", names), verdicts(tmp_path / "v", names), agreement(tmp_path / "a"))
    address = (tmp_path / "r.html").as_uri()
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        requests: list[str] = []
        complaints: list[str] = []
        opened.on("request", lambda request: requests.append(request.url))
        opened.on("console", lambda message: complaints.append(message.text))
        opened.goto(address)
        wide = opened.evaluate("document.documentElement.scrollWidth")
        letters = opened.evaluate(
            "[...document.querySelectorAll('figure text')].filter(e => e.getClientRects().length).map(e => ["
            "getComputedStyle(e).fill, parseFloat(getComputedStyle(e).fontSize) * e.ownerSVGElement.getScreenCTM().a])"
        )
        browser.close()
    assert (requests, complaints) == ([address], [])
    assert wide <= width
    ink = "rgb(31, 29, 26)" if scheme == "light" else "rgb(233, 230, 224)"
    assert {fill for fill, _ in letters} == {ink, "rgb(10, 10, 10)"}  # the second on coloured ground
    assert min(size for _, size in letters) >= 9  # CSS pixels
