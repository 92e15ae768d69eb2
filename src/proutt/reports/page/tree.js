// The intent tree of a pair: it grows turn by turn, and at the end the paths are drawn on it that were true, predicted,
// or put in.

const OVERLAYS = { predicted: "as predicted", chosen: "chosen", rejected: "rejected" };

/** The tree with its controls. `onTurn(turn)` hears which turn is looked at; null at the end. */
function treeFigure(pair, k, onTurn) {
  if (!pair.tree) return el("p", { class: "note" }, treelessWords(pair.made.method));
  const last = k + 1;
  // Turn 0: the file does not tell which turn set a value, so this tree can't grow.
  const grows = pair.tree.some(([, leaves]) => leaves.some((leaf) => leaf[2] > 0));
  let turn = last;
  let overlay = "predicted";
  const drawing = el("div", { class: "tree-drawing", tabindex: 0, role: "region", "aria-label": "Intent tree" });
  const label = el("output", { for: "turn" });
  const range = el("input", { type: "range", id: "turn", min: 1, max: last, step: 1, "aria-label": "Turn" });
  const step = (by) => grows && move(Math.min(last, Math.max(1, turn + by)));
  const back = el("button", { type: "button", onclick: () => step(-1), "aria-label": "One turn back" }, "‹");
  const on = el("button", { type: "button", onclick: () => step(1), "aria-label": "One turn on" }, "›");
  const choices = el(
    "fieldset",
    { class: "choices" },
    el("legend", {}, "Paths"),
    Object.entries(OVERLAYS).map(([name, words]) =>
      el(
        "label",
        {},
        el("input", {
          type: "radio",
          name: "overlay",
          value: name,
          checked: name === overlay,
          onchange: () => ((overlay = name), draw()),
        }),
        words,
      ),
    ),
  );
  function move(to) {
    turn = to;
    draw();
    onTurn(turn > k ? null : turn);
  }
  function draw() {
    range.value = turn;
    back.disabled = turn === 1;
    on.disabled = turn === last;
    choices.disabled = turn <= k;
    const model = treeModel(pair, turn > k ? overlay : null);
    label.replaceChildren(
      text(
        turn > k
          ? `After turn ${k}, with the paths of turn ${last}`
          : `Turn ${turn} of ${k}: ${added(pair.tree, turn)}`,
      ),
    );
    range.setAttribute("aria-valuetext", label.textContent);
    drawing.replaceChildren(drawTree(model, turn, k));
  }
  range.addEventListener("input", () => move(Number(range.value)));
  draw();
  const box = el(
    "div",
    { class: "tree-box" },
    grows
      ? el("div", { class: "tree-tools" }, back, range, on, label)
      : el("p", { class: "note" }, "This file does not tell which turn set which value."),
    choices,
    drawing,
    legend(),
  );
  box.step = step;
  return box;
}

function added(tree, turn) {
  const leaves = tree.flatMap(([, each]) => each).filter((leaf) => leaf[2] === turn);
  return leaves.length ? `${leaves.length} added` : "nothing added that is still there";
}

function legend() {
  const item = (className, words) => el("li", {}, el("span", { class: `badge ${className}` }, words[0]), words[1]);
  return el(
    "ul",
    { class: "legend", role: "list" },
    item("truth", ["truth", "path of the next turn"]),
    item("exploitation", ["1", "exploitation: a known topic"]),
    item("exploration", ["1", "exploration: a new topic"]),
  );
}

/** Topics with their leaves, and the paths of one overlay where they belong. */
function treeModel(pair, overlay) {
  const topics = pair.tree.map(([name, leaves]) => ({
    name,
    marks: [],
    leaves: leaves.map(([attribute, value, turn]) => ({ attribute, value, turn, marks: [] })),
  }));
  const known = topics.map((topic) => [...topic.leaves]);
  for (const [path, mark] of overlay ? marked(pair, overlay) : []) {
    const [name, attribute, value, at, leafAt] = path;
    let topic = at === null ? topics.find((each) => each.isNew && same(each.name, name)) : topics[at];
    if (!topic) topics.push((topic = { name, isNew: true, marks: [], leaves: [] }));
    if (attribute === null) {
      topic.marks.push(mark);
      continue;
    }
    const old = at !== null && leafAt !== null ? known[at][leafAt] : null;
    const leaf =
      old && (value === null || same(value, old.value))
        ? old
        : topic.leaves.find((each) => each.isNew && same(each.attribute, attribute) && same(each.value, value));
    if (leaf) leaf.marks.push(mark);
    else topic.leaves.push({ attribute, value, isNew: true, marks: [mark] });
  }
  return topics;
}

/** Each path of the overlay with what it is called on the tree. */
function marked(pair, overlay) {
  const paths = pair.truth.paths.map((path) => [path, { className: "truth", label: "truth" }]);
  const candidates = overlay === "predicted" ? pair.candidates : pair[overlay].candidates;
  candidates.forEach((candidate, at) => {
    if (!candidate.path) return;
    const score = overlay === "predicted" ? ` ${fixed(candidate.score)}` : "";
    const origin = candidate.replaced ? ` ← ${originOf(candidate.replaced)}` : "";
    paths.push([candidate.path, { className: candidate.perspective, label: `${at + 1}${score}${origin}` }]);
  });
  return paths;
}

function originOf([origin, turn]) {
  return (
    { "next-turn": `true path of turn ${turn}`, "future-turn": `path of turn ${turn}`, model: "written by the model" }[
      origin
    ] ?? origin
  );
}

function same(one, other) {
  const folded = (value) =>
    String(value ?? "")
      .normalize("NFKC")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]/gu, "");
  return folded(one) === folded(other);
}

function drawTree(topics, turn, k) {
  const shown = (leaf) => leaf.isNew || leaf.turn <= turn;
  const items = topics
    .filter((topic) => topic.isNew || !topic.leaves.length || topic.leaves.some(shown))
    .map((topic) => {
      const leaves = topic.leaves.filter(shown);
      const fresh = turn <= k && leaves.length > 0 && leaves.every((leaf) => leaf.turn === turn);
      return el(
        "li",
        { class: topic.isNew ? "topic predicted" : fresh ? "topic fresh" : "topic" },
        el(
          "div",
          { class: "node" },
          el("span", { dir: "auto" }, topic.name),
          topic.isNew && el("span", { class: "new-topic" }, "new topic"),
          badges(topic.marks),
        ),
        leaves.length > 0 &&
          el(
            "ul",
            {},
            leaves.map((leaf) => drawLeaf(leaf, turn, k)),
          ),
      );
    });
  return items.length ? el("ul", { class: "tree" }, items) : el("p", { class: "note" }, "Nothing is in the tree yet.");
}

function drawLeaf(leaf, turn, k) {
  const fresh = !leaf.isNew && turn <= k && leaf.turn === turn;
  return el(
    "li",
    { class: leaf.isNew ? "leaf predicted" : fresh ? "leaf fresh" : "leaf" },
    el(
      "div",
      { class: "node" },
      el("span", { class: "attribute", dir: "auto" }, leaf.attribute),
      leaf.value !== null && el("span", { class: "value", dir: "auto" }, leaf.value),
      !leaf.isNew && leaf.turn > 0 && el("span", { class: "turn-tag" }, `turn ${leaf.turn}`),
      badges(leaf.marks),
    ),
  );
}

function badges(marks) {
  return marks.map((mark) => el("span", { class: `badge ${mark.className}` }, mark.label));
}
