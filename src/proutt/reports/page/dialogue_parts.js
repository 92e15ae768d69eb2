// What the pages of SynPT's and of UPC's dialogues share: folds, how one was made, parts of the overview.

/** Keys of this page alone (keys.js). */
const STEPS = [["t", `unfold or fold all ${FOLDED}`, () => foldAll(), ["t"]]];

const FOLD = [`Unfold all ${FOLDED}`, `Fold all ${FOLDED}`];

function foldAll() {
  const folds = [...byId("pair").querySelectorAll("details.thinking")];
  const open = folds.some((each) => !each.open);
  for (const each of folds) each.open = open;
  byId("fold-all").textContent = FOLD[Number(open)];
}

/** What stands above the turns: how many, and the button that unfolds all of them. */
function foldHead(title) {
  return el(
    "div",
    { class: "fold-head" },
    el("h2", {}, title),
    el("button", { type: "button", id: "fold-all", onclick: foldAll, title: "key t" }, FOLD[0]),
  );
}

/** Folded, unless it holds what was searched for. */
function thinking(title, ...content) {
  const folded = el("details", { class: "thinking" }, el("summary", {}, title), ...content);
  folded.open = Boolean(search.q) && folded.textContent.toLowerCase().includes(search.q);
  return folded;
}

/** Models, settings and tokens. rows: what else is told of how it was made. */
function aboutPart(dialogue, rows = []) {
  const all = [
    ["From", dialogue.source],
    ...rows,
    ...Object.entries(dialogue.made.models).map(([role, model]) => [`Model, ${role}`, model]),
    ["Prompts", dialogue.made.prompt_version],
    ["Settings", JSON.stringify(dialogue.made.settings)],
  ];
  const modules = Object.entries(dialogue.made.modules).map(([name, [calls, prompt, completion]]) => [
    name,
    count(calls),
    count(prompt),
    count(completion),
  ]);
  return el(
    "details",
    { class: "made" },
    el("summary", {}, "How it was made"),
    table(["", ""], all),
    modules.length > 0 && table(["Module", "Calls", "Prompt tokens", "Completion tokens"], modules),
  );
}

/** all: statistics of all dialogues. */
function leadOf(all) {
  const failed = overview.failed ? `, ${count(overview.failed)} failed` : "";
  return `${many(overview.count, "dialogue")}${failed}, from ${overview.source}. ${fixed(all.turns.mean, 1)} turns each.`;
}

function tile(value, label, href) {
  return el("li", {}, el(href ? "a" : "div", { href, class: "tile" }, el("b", {}, value), el("span", {}, label)));
}

function limitNote() {
  return overview.limited && note(`Only the first ${many(overview.count, "dialogue")} are in this file (--limit).`);
}

function endNote() {
  return el(
    "p",
    { class: "note end" },
    `Written by proutt ${overview.proutt}. This file holds all it shows: it loads nothing and sends nothing.`,
  );
}

function flagsSection() {
  const rows = flagRows();
  return rows.length ? section("Flags", table(["Flag", "Dialogues", "Share"], rows)) : null;
}

/** Tokens by what was asked. */
function modulesSection(byModule, all) {
  if (!all.tokens) return null;
  const modules = [...Object.entries(byModule), ["all", all]];
  const rows = modules.map(([name, usage]) => [
    name,
    count(usage.calls),
    count(usage.prompt_tokens),
    count(usage.completion_tokens),
    fixed(usage.tokens_a_dialogue, 1),
  ]);
  return section("Tokens", table(["Module", "Calls", "Prompt", "Completion", "A dialogue"], rows));
}
