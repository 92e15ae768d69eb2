// The page of one pair, from what was said to what is learned from it.

/** Longer utterances of the context show their beginning. */
const LONG = 700;

/** Keys of this page alone (keys.js). */
const STEPS = [
  ["]", "the tree one turn on", () => page.tree?.step?.(1), ["]"]],
  ["[", "the tree one turn back", () => page.tree?.step?.(-1), ["["]],
];

function badgesOf(entry) {
  return [
    el("span", { class: "badge plain" }, entry.language ?? "?"),
    entry.branch && el("span", { class: `badge branch-${entry.branch}` }, `${entry.branch} branch`),
    entry.j_max !== null && el("span", { class: "badge plain" }, `J_max ${fixed(entry.j_max)}`),
    entry.branch &&
      el(
        "span",
        { class: `badge ${entry.verified ? "good" : "plain"}` },
        { true: "✓ verified", false: "✗ not verified", null: "not checked" }[entry.verified],
      ),
  ];
}

function partsOf(pair, entry) {
  return pair.turns ? wholePair(pair, entry) : textPair(pair);
}

function wholePair(pair, entry) {
  const context = contextPart(pair);
  page.tree = treeFigure(pair, entry.k, (turn) => showTurn(context, turn));
  return [
    el("p", { class: "lead" }, story(pair, entry)),
    flagsPart(pair.flags),
    el(
      "div",
      { class: "halves uneven" },
      block(`Context: ${many(entry.k, "turn")}`, context),
      block("Intent tree", page.tree),
    ),
    block("Truth: what the user said next", truthPart(pair.truth)),
    pair.profile !== null && block("Profile of the user", said(pair.profile, "profile")),
    !simulates(pair.made.method) &&
      block(
        pair.made.method === "baize" ? "Candidates as written" : "Candidates as predicted",
        pair.candidates.map((each, at) =>
          candidateCard(each, at, pair.made.settings, Math.abs(each.score - entry.j_max) < 1e-4),
        ),
      ),
    pair.rejected === null
      ? block("Completion to learn", oneSide(pair))
      : block("Chosen and rejected", sidesTable(pair)),
    pair.verification && block("Verification", verificationPart(pair.verification, pair.made)),
    madePart(pair),
  ];
}

function textPair(pair) {
  page.tree = null;
  const prompt = el(
    "div",
    { class: "context" },
    pair.messages.map(([role, content]) => utterance(role, content)),
  );
  return [
    flagsPart(pair.flags),
    block("Prompt", prompt),
    block(pair.rejected === null ? "Completion" : "Chosen and rejected", textSides(pair)),
    el("p", { class: "note end" }, `${pair.source}. This file holds texts only: no tree, no scores.`),
  ];
}

function contextPart(pair) {
  return el(
    "div",
    { class: "context", tabindex: 0, role: "region", "aria-label": "Dialogue" },
    pair.opening !== null && utterance("assistant", pair.opening),
    pair.turns.map(([user, assistant], at) =>
      el(
        "div",
        { class: "turn", "data-turn": at + 1 },
        el("span", { class: "turn-number" }, `turn ${at + 1}`),
        utterance("user", user),
        utterance("assistant", assistant),
      ),
    ),
  );
}

function utterance(role, content) {
  return el(
    "div",
    { class: `utterance-of ${["user", "assistant", "system"].includes(role) ? role : "other"}` },
    el("span", { class: "speaker" }, role),
    clipped(content, LONG),
  );
}

/** Mark a turn in the context and bring it into its view. */
function showTurn(context, turn) {
  for (const each of context.querySelectorAll(".turn"))
    each.classList.toggle("looked-at", Number(each.dataset.turn) === turn);
  const there = context.querySelector(".looked-at");
  if (there) context.scrollTop = there.offsetTop - 8;
}

function truthPart(truth) {
  return el(
    "div",
    { class: "truth-box" },
    said(truth.utterance, "utterance"),
    el(
      "p",
      { class: "path-line" },
      truth.perspective && el("span", { class: `badge ${truth.perspective}` }, truth.perspective),
      truth.type && el("span", { class: "badge plain" }, truth.type),
      truth.paths.map((path) => el("span", { class: "path", dir: "auto" }, pathText(path))),
    ),
  );
}

function candidateCard(candidate, at, settings, best) {
  return el(
    "div",
    { class: `card ${candidate.perspective ?? ""}` },
    el(
      "div",
      { class: "card-score" },
      el("b", {}, fixed(candidate.score)),
      scoreBar(candidate.score, settings),
      best && el("span", { class: "quiet" }, "J_max"),
    ),
    el(
      "div",
      {},
      said(candidate.utterance, "utterance"),
      el(
        "p",
        { class: "path-line" },
        el("span", { class: `badge ${candidate.perspective ?? "plain"}` }, `${at + 1} ${candidate.perspective ?? ""}`),
        candidate.path && el("span", { class: "path", dir: "auto" }, pathText(candidate.path)),
      ),
      candidate.reasoning && said(candidate.reasoning, "reasoning"),
      candidate.reason && el("p", { class: "judge", dir: "auto" }, `Judge: ${candidate.reason}`),
    ),
  );
}

/** A score on 0..1, with the thresholds. */
function scoreBar(score, { tau_low: low, tau_high: high }) {
  const bar = svg("svg", { width: 72, height: 12, viewBox: "0 0 72 12", "aria-hidden": "true" });
  bar.append(
    svg("rect", { x: 0, y: 4, width: 72, height: 4, rx: 2, class: "bar-back" }),
    svg("rect", { x: 0, y: 4, width: 72 * score, height: 4, rx: 2, class: "bar-front" }),
  );
  for (const threshold of [low, high])
    if (typeof threshold === "number")
      bar.append(svg("line", { x1: 72 * threshold, x2: 72 * threshold, y1: 1, y2: 11, class: "bar-mark" }));
  return bar;
}

function verificationPart(check, { method, settings }) {
  const row = (name, scores) => [name, ...scores.map((score) => fixed(score))];
  const most = Math.max(check.chosen_scores.length, check.rejected_scores.length);
  const head = [method === "magpie" ? "Scores" : "Scores after the edits", ...Array.from({ length: most }, (_, at) => String(at + 1))];
  const pad = (cells) => [...cells, ...Array(head.length - cells.length).fill("–")];
  const rows = [
    ["chosen", check.chosen_scores],
    ["rejected", check.rejected_scores],
  ]
    .filter(([, scores]) => scores.length)
    .map(([name, scores]) => pad(row(name, scores)));
  const verdict = check.problems.length ? `Marked: ${check.problems.map(words).join(", ")}.` : "Passed.";
  return [
    rows.length > 0 && table(head, rows),
    el("p", { class: "note" }, `${verdict} ${many(check.tries, "try", "tries")}.${demands(method, settings)}`),
  ];
}

function madePart(pair) {
  const { made, usage } = pair;
  const settings = Object.entries(made.settings).map(([name, value]) => [
    name,
    typeof value === "object" ? JSON.stringify(value) : String(value),
  ]);
  const rows = [
    ["source", pair.source || "–"],
    ["method", made.method],
    ...Object.entries(made.models).map(([role, model]) => [`model, ${role}`, model]),
    ["judge", made.judge],
    ["sentence types", made.sentence_types],
    ["prompts", made.prompt_version],
    ["seed", String(made.seed)],
    [
      "calls",
      `${count(usage.calls)}: ${count(usage.prompt_tokens)} prompt + ${count(usage.completion_tokens)} answer tokens`,
    ],
    ...settings,
  ];
  return el("details", { class: "made" }, el("summary", {}, "How it was made"), table(["What", "Value"], rows));
}
