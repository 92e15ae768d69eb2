// The account of a run: flags, turns without a pair, failures, the audit, calls and cost, models.

/** What became of every turn, and why some made no pair. */
function accountSection() {
  const done = overview.summary;
  const marked = flagRows();
  const reasons = done
    ? [
        ...Object.entries(done.skipped).map(([name, value]) => ["skipped", words(name), count(value)]),
        ...Object.entries(done.failed).map(([name, value]) => ["failed", words(name), count(value)]),
        ...Object.entries(done.skipped_records).map(([name, value]) => ["record left out", words(name), count(value)]),
      ]
    : [];
  if (!reasons.length && !marked.length && !overview.failures.count) return null;
  return section(
    "Flags, skips and failures",
    el(
      "div",
      { class: "parts" },
      marked.length > 0 && el("div", {}, el("h3", {}, "Flagged pairs"), table(["Flag", "Pairs", "Share"], marked)),
      reasons.length > 0 &&
        el("div", {}, el("h3", {}, "Turns without a pair"), table(["What", "Why", "Turns"], reasons)),
    ),
    failuresPart(),
  );
}

/** Each flag that an entry has, a link to those that have it, how many, and their share; most first. */
function flagRows() {
  const flags = new Map();
  for (const entry of entries) for (const flag of entry.flags) flags.set(flag, (flags.get(flag) ?? 0) + 1);
  return [...flags]
    .sort((a, b) => b[1] - a[1])
    .map(([name, value]) => [
      el("a", { href: linkTo({ flag: name }) }, words(name)),
      count(value),
      percent(value / overview.count),
    ]);
}

function failuresPart() {
  const { count: all, shown } = overview.failures;
  if (!all) return null;
  const rest = all - shown.length;
  return el(
    "details",
    { class: "failures" },
    el("summary", {}, `${many(all, "failure")}, with the model's words`),
    shown.map((failure) =>
      el(
        "div",
        { class: "failure" },
        el(
          "p",
          {},
          el("b", {}, `${failure.dialogue_id}:${failure.k}`),
          ` ${words(failure.reason)} in ${failure.stage}: ${failure.message}`,
        ),
        failure.raw && clipped(failure.raw, 600, "raw"),
      ),
    ),
    rest > 0 && el("p", { class: "note" }, `${count(rest)} more are in failures.jsonl.`),
  );
}

/** The verdicts of `proutt audit`, a row a check; checks that had nothing to look at are only named. */
function auditSection() {
  const audit = overview.audit;
  if (!audit) {
    return (
      overview.summary &&
      section(
        "Audit",
        note("No audit yet: run ", el("code", {}, `proutt audit ${overview.name}`), " and write the report again."),
      )
    );
  }
  const signs = { fail: "✗ fail", warn: "⚠ warning", undecided: "? undecided", pass: "✓ pass" };
  const order = Object.keys(signs);
  const rank = (check) => order.indexOf(check.verdict);
  const done = audit.checks.filter((check) => check.verdict !== "n/a").sort((a, b) => rank(a) - rank(b));
  const rows = done.map((check) => [
    el(
      "span",
      { title: check.title },
      flagsOf(check.name) ? el("a", { href: linkTo({ flag: check.name }) }, words(check.name)) : words(check.name),
    ),
    el("span", { class: `verdict-${check.verdict}` }, signs[check.verdict] ?? check.verdict),
    count(check.looked),
    count(check.flagged),
    fixed(check.value, 3),
    `${fixed(check.low, 3)} – ${fixed(check.high, 3)}`,
    check.borne,
    check.title + (check.note ? ` (${check.note})` : ""),
  ]);
  const left = Object.entries(audit.left_out)
    .map(([why, number]) => `, ${count(number)} ${why} left out`)
    .join("");
  const rest = audit.checks
    .filter((check) => check.verdict === "n/a")
    .map((check) => `${words(check.name)} (${check.note})`);
  return section(
    "Audit",
    el(
      "p",
      { class: "lead" },
      el("span", { class: audit.passed ? "verdict-pass" : "verdict-fail" }, audit.passed ? "✓ Passed" : "✗ Failed"),
      `: ${many(audit.rows, "row")}, ${count(audit.rows_with_errors)} with errors${left}.`,
    ),
    table(["Check", "Verdict", "Looked at", "Flagged", "Value", "95% interval", "Borne", "What it finds"], rows),
    rest.length > 0 && note(`Not looked for: ${rest.join("; ")}.`),
  );
}

function section(title, ...content) {
  return el("section", {}, el("h2", {}, title), ...content);
}

function note(...content) {
  return el("p", { class: "note" }, ...content);
}

function flagsOf(check) {
  return entries.some((entry) => entry.flags.includes(check));
}

function costSection() {
  const calls = overview.summary?.calls;
  if (!calls) return null;
  const row = (name, each) => [
    name,
    count(each.calls),
    count(each.prompt_tokens),
    count(each.cached_tokens),
    count(each.completion_tokens),
    fixed(each.seconds / Math.max(each.calls, 1), 2),
  ];
  const rows = [...Object.entries(calls.by_step).map(([name, each]) => row(name, each)), row("all", calls)];
  const { cost, currency, seconds } = overview.summary;
  const price =
    cost === null || cost === undefined
      ? "No price is known for these models."
      : `Cost: ${fixed(cost, 4)} ${currency}.`;
  return section(
    "Calls and cost",
    table(["Step", "Calls", "Prompt tokens", "from cache", "Answer tokens", "s a call"], rows),
    el(
      "p",
      { class: "note" },
      `${price} ${duration(seconds)} in all sessions.${calls.reused ? ` ${many(calls.reused, "answer")} taken from older runs.` : ""}`,
    ),
  );
}

function madeSection() {
  const models = overview.summary?.models;
  if (!models || !Object.keys(models).length) return null;
  return section("Models", table(["Role", "Model"], Object.entries(models)));
}

function duration(seconds) {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours) return `${hours} h ${minutes % 60} min`;
  return minutes ? `${minutes} min ${Math.round(seconds % 60)} s` : `${fixed(seconds, 1)} s`;
}
