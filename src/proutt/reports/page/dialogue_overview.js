// The overview of dialogues: how many, how they end, how detailed they begin, what they cost. Counts lead to dialogues.

function showOverview(place) {
  const all = overview.groups.at(-1)[1];
  put(
    place,
    el("h1", {}, overview.name),
    el("p", { class: "lead" }, leadOf(all)),
    limitNote(),
    tilesOf(all),
    tasksSection(),
    endsSection(all),
    inquiriesSection(all),
    flagsSection(),
    auditSection(),
    modulesSection(all.usage_by_module, all.usage),
    endNote(),
  );
}

function tilesOf(all) {
  const flagged = entries.filter((entry) => entry.flags.length).length;
  const cut = all.ends["most-turns"] ?? 0;
  return el(
    "ul",
    { class: "tiles", role: "list" },
    tile(count(overview.count), "dialogues", linkTo({})),
    tile(percent(1 - cut / overview.count), "end with a summary", cut ? linkTo({ end: ENDS["most-turns"] }) : null),
    tile(count(flagged), "flagged", flagged ? linkTo({ flag: "any" }) : null),
    tile(percent(all.reluctant_share), "reluctant users", all.reluctant ? linkTo({ user: "reluctant" }) : null),
    all.usage.tokens > 0 && tile(count(Math.round(all.usage.tokens_a_dialogue)), "tokens a dialogue"),
  );
}

function tasksSection() {
  const rows = overview.groups.map(([name, group], at) => [
    at === overview.groups.length - 1 ? name : el("a", { href: linkTo({ task: name }) }, name),
    count(group.dialogues),
    fixed(group.turns.mean, 2),
    percent(1 - (group.ends["most-turns"] ?? 0) / group.dialogues),
    count(group.flagged),
    percent(group.reluctant_share),
    fixed(group.inquiry_words.mean, 1),
    fixed(group.usage.tokens_a_dialogue, 0),
  ]);
  return section(
    "Tasks",
    table(["Task", "Dialogues", "Turns", "Complete", "Flagged by the run", "Reluctant", "Words of the inquiry", "Tokens"], rows),
    note("Turns, words and tokens are means of a dialogue. A Chinese character is a word."),
  );
}

function endsSection(all) {
  const rows = Object.entries(all.ends).map(([name, value]) => [
    el("a", { href: linkTo({ end: ENDS[name] ?? name }) }, ENDS[name] ?? name),
    count(value),
    percent(value / all.dialogues),
  ]);
  return section("How dialogues end", table(["End", "Dialogues", "Share"], rows));
}

/** How many intentions an inquiry was to name, and how many were known after it. */
function inquiriesSection(all) {
  const { chosen, given } = all.inquiry_sizes;
  const sizes = [...new Set([...Object.keys(chosen), ...Object.keys(given)])].sort((a, b) => a - b);
  if (!sizes.length) return null;
  const rows = sizes.map((size) => [size, count(chosen[size] ?? 0), count(given[size] ?? 0)]);
  return section(
    "Initial inquiries",
    table(["Intentions", "Chosen for it", "Known after it"], rows),
    note(
      `${fixed(all.inquiry_words.mean, 1)} words on average (σ ${fixed(all.inquiry_words.sigma, 1)}, `,
      `${all.inquiry_words.min} to ${all.inquiry_words.max}).`,
    ),
  );
}
