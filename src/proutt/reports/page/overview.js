// The overview: what the run made, of what, and what it could not make. Every count of pairs leads to those pairs.

/** Language, or "all" → its numbers; all comes last. */
const groups = new Map(overview.groups);

function showOverview(place) {
  const all = groups.get("all");
  put(
    place,
    el("h1", {}, overview.name),
    el("p", { class: "lead" }, summaryLine()),
    overview.limited &&
      el(
        "p",
        { class: "note" },
        `Only the first ${many(overview.count, "pair")} are in this file (--limit). Lengths, branches and scores are theirs; turns, failures and cost are of the whole run.`,
      ),
    tiles(all),
    el("div", { class: "halves" }, ...(all.records ? [branchFigure(all), scoreFigure()] : [])),
    lengthsSection(),
    all.records > 0 && compositionSection(all),
    accountSection(),
    auditSection(),
    costSection(),
    madeSection(),
    el(
      "p",
      { class: "note end" },
      `Written by proutt ${overview.proutt}. This file holds all it shows: it loads nothing and sends nothing.`,
    ),
  );
}

function summaryLine() {
  const done = overview.summary;
  if (!done) return `${many(overview.count, "pair")}, from ${overview.source}.`;
  const { turns } = done;
  const start = `${many(done.dialogues, "dialogue")}, ${many(turns.in, "turn")} to predict: ${count(turns.paired)} paired, ${count(turns.skipped)} skipped, ${count(turns.failed)} failed`;
  return done.complete ? `${start}.` : `${start}, ${count(turns.undecided)} not yet done: the run was stopped.`;
}

function tiles(all) {
  const checks = entries.reduce(
    (tally, entry) => (tally.set(entry.verified, (tally.get(entry.verified) ?? 0) + 1), tally),
    new Map(),
  );
  const flagged = entries.filter((entry) => entry.flags.length).length;
  const tile = (value, label, href) =>
    el("li", {}, el(href ? "a" : "div", { href, class: "tile" }, el("b", {}, value), el("span", {}, label)));
  const cost = overview.summary?.cost;
  return el(
    "ul",
    { class: "tiles", role: "list" },
    tile(count(overview.count), "pairs", linkTo({})),
    all.records > 0 &&
      tile(
        `${count(checks.get(true) ?? 0)}`,
        `verified (${percent((checks.get(true) ?? 0) / overview.count)})`,
        linkTo({ verified: "verified" }),
      ),
    flagged > 0 && tile(count(flagged), "flagged", linkTo({ flag: "any" })),
    all.records > 0 && tile(fixed(all.j_max_mean), "mean J_max"),
    cost !== null &&
      cost !== undefined &&
      tile(`${fixed(cost, cost < 1 ? 4 : 2)} ${overview.summary.currency}`, "cost"),
  );
}

/** Each branch with what it does to a pair; a baseline, which knows no perspectives, does not go by it. */
const BRANCHES = [
  ["low", "low: chosen revised", "low: far from the truth"],
  ["middle", "middle: both edited", "middle"],
  ["high", "high: rejected perturbed", "high: near the truth"],
];

function branchFigure(all) {
  const parts = BRANCHES.map(([name]) => ({
    name,
    label: name,
    value: all.branches[name] ?? 0,
    href: linkTo({ branch: name }),
  }));
  return figure(
    "Branches",
    (width) =>
      barChart(width, {
        title: "Branches",
        description: parts.map((part) => `${part.label} ${part.value}`).join(", "),
        parts,
      }),
    {
      open: true,
      head: ["Branch", "Pairs", "Share"],
      rows: BRANCHES.map(([, edits, distance], at) => [
        "exploitation" in all.perspectives || "exploration" in all.perspectives ? edits : distance,
        count(parts[at].value),
        percent(parts[at].value / all.samples),
      ]),
    },
  );
}

/** J_max in tenths, each column in the parts of its branches. */
function scoreFigure() {
  const columns = overview.j_max.map(([tenth, ...values]) => ({
    label: tenth,
    parts: BRANCHES.map(([name], at) => ({ name, value: values[at] })),
    href: linkTo({ min: tenth, max: tenth === "1.0" ? "" : String((Number(tenth) * 10 + 0.999) / 10) }),
  }));
  const marks = [
    ["low", "τ_low"],
    ["high", "τ_high"],
  ]
    .filter(([name]) => overview.thresholds[name] !== null)
    .map(([name, label]) => ({ at: overview.thresholds[name] * 10, label: `${label} ${overview.thresholds[name]}` }));
  const description = columns.map((column) => `${column.label}: ${sum(column.parts)}`).join(", ");
  return figure(
    "J_max: the best judge score of a pair's candidates",
    (width) => columnChart(width, { title: "J_max in tenths", description, columns, marks }),
    {
      head: ["J_max from", "low", "middle", "high", "all"],
      rows: columns.map((column) => [
        column.label,
        ...column.parts.map((part) => count(part.value)),
        count(sum(column.parts)),
      ]),
    },
  );
}

/** Table II of the paper. */
function lengthsSection() {
  const rows = [...groups].map(([name, group]) => [
    name,
    count(group.samples),
    group.records ? percent(group.verified_share) : "–",
    fixed(group.avg_chars, 1),
    fixed(group.avg_tokens, 1),
    fixed(group.delta_chars?.mean, 1),
    fixed(group.delta_tokens?.mean, 1),
    fixed(group.delta_tokens?.sigma, 1),
    group.delta_tokens ? count(group.delta_tokens.max_abs) : "–",
  ]);
  const tokens = overview.tokens.estimated
    ? "Tokens are estimated; --tokenizer counts them."
    : `Tokens of ${overview.tokens.tokenizer}.`;
  return section(
    "Lengths (ProUtt, Table II)",
    table(["Language", "Pairs", "Verified", "Chars", "Tokens", "Δ chars", "Δ tokens μ", "σ", "max |Δ|"], rows),
    el(
      "p",
      { class: "note" },
      `Lengths of one response, chosen or rejected, as proutt export writes it. Δ = chosen − rejected. ${tokens}`,
    ),
  );
}

function compositionSection(all) {
  const part = (title, counts, filter) => {
    const rows = Object.entries(counts).sort((a, b) => b[1] - a[1]);
    return el(
      "div",
      {},
      el("h3", {}, title),
      table(
        ["", "Pairs", "Share"],
        rows.map(([name, value]) => [
          filter && name !== "none" ? el("a", { href: linkTo({ [filter]: name }) }, name) : name,
          count(value),
          percent(value / all.samples),
        ]),
      ),
    );
  };
  return section(
    "What the pairs are made of",
    el(
      "div",
      { class: "parts" },
      part("Perspective of the truth", all.perspectives, "perspective"),
      part("Sentence type, chosen", all.sentence_types, "type"),
      part("Sentence type, rejected", all.rejected_sentence_types),
      part("Edits", all.edits),
    ),
  );
}
