// Chosen and rejected beside each other, with what only one of them says marked.

/** Both sides of a pair, place by place. */
function sidesTable(pair) {
  const rows = [];
  if (pair.chosen.type !== null || pair.rejected.type !== null) {
    rows.push(["Sentence type", [typeLines(pair.chosen), typeLines(pair.rejected)]]);
  }
  const most = Math.max(pair.chosen.candidates.length, pair.rejected.candidates.length);
  for (let at = 0; at < most; at += 1) {
    const both = [pair.chosen, pair.rejected].map((side) => side.candidates[at]);
    const { perspective } = both[0] ?? both[1];
    rows.push([
      perspective ? `Candidate ${at + 1}, ${perspective}` : `Candidate ${at + 1}`,
      both.map(candidateLines),
      both.map((each) => each?.replaced && `path replaced: ${originOf(each.replaced)}`),
    ]);
  }
  return el(
    "div",
    { class: "sides" },
    el("div", { class: "side-head chosen" }, el("h3", {}, "Chosen"), el("span", {}, editWords(pair.chosen.edit, pair.made.method))),
    el("div", { class: "side-head rejected" }, el("h3", {}, "Rejected"), el("span", {}, editWords(pair.rejected.edit, pair.made.method))),
    rows.map(([title, lines, notes]) => placeRow(title, lines, notes)),
  );
}

/** The only side of data for SFT, place by place. */
function oneSide(pair) {
  const rows = pair.chosen.candidates.map((each, at) => [`Candidate ${at + 1}`, candidateLines(each)]);
  if (pair.chosen.type !== null) rows.unshift(["Sentence type", typeLines(pair.chosen)]);
  return el(
    "div",
    { class: "sides alone" },
    el(
      "div",
      { class: "side-head chosen" },
      el("h3", {}, "To learn"),
      el("span", {}, editWords(pair.chosen.edit, pair.made.method)),
    ),
    rows.map(([title, lines]) =>
      el(
        "section",
        { class: "place", "aria-label": title },
        rows.length > 1 && el("h4", {}, title),
        el("div", { class: "cell chosen" }, lines.map(([className, value]) => value && said(value, `line ${className}`))),
      ),
    ),
  );
}

/** Lines are [className, text]; the same classes in the same order on both sides. */
function typeLines(side) {
  return [
    ["strong", side.type ?? "none"],
    ["reasoning", side.type_reasoning ?? ""],
  ];
}

function candidateLines(candidate) {
  if (!candidate)
    return [
      ["utterance", ""],
      ["path", ""],
      ["reasoning", ""],
    ];
  return [
    ["utterance", candidate.utterance],
    ["path", candidate.path ? pathText(candidate.path) : ""],
    ["reasoning", candidate.reasoning],
  ];
}

function pathText([topic, attribute, value]) {
  return topic + (attribute === null ? "" : ` → ${attribute}`) + (value === null ? "" : ` - ${value}`);
}

function placeRow(title, [left, right], notes = []) {
  const alike = left.every(([, value], at) => value === right[at][1]) && !notes.some(Boolean);
  if (alike) {
    return el(
      "section",
      { class: "place alike", "aria-label": title },
      el("h4", {}, title, el("span", { class: "quiet" }, "the same on both sides")),
      left.map(([className, value]) => value && said(value, `line ${className}`)),
    );
  }
  const marked = left.map(([, value], at) => differences(value, right[at][1]));
  const cell = (side, at, lines, note) =>
    el(
      "div",
      { class: `cell ${side}` },
      el("span", { class: "side-name" }, side),
      note && el("p", { class: "origin" }, note),
      lines.map(
        ([className, value], line) =>
          value &&
          el(
            "div",
            { class: `line ${className}`, dir: "auto" },
            marked[line][at].map((run) =>
              run.own && run.text.trim() ? el("mark", { class: side }, run.text) : text(run.text),
            ),
          ),
      ),
    );
  return el(
    "section",
    { class: "place", "aria-label": title },
    el("h4", {}, title),
    cell("chosen", 0, left, notes[0]),
    cell("rejected", 1, right, notes[1]),
  );
}

/** Two whole completions, for files that give no more than texts. */
function textSides(pair) {
  if (pair.rejected === null) return el("div", {}, el("h3", {}, "Completion"), said(pair.chosen, "line raw"));
  return el(
    "div",
    { class: "sides" },
    el("div", { class: "side-head chosen" }, el("h3", {}, "Chosen")),
    el("div", { class: "side-head rejected" }, el("h3", {}, "Rejected")),
    placeRow("Completion", [[["raw", pair.chosen]], [["raw", pair.rejected]]]),
  );
}
