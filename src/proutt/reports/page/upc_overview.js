// The overview of UPC's dialogues: how often responses were written again, scores by turn, how both sides speak.

function showOverview(place) {
  const all = overview.corpus;
  const usage = Object.fromEntries(Object.entries(all.usage_by_module).map(([name, each]) => [name, usageOf(each)]));
  put(
    place,
    el("h1", {}, overview.name),
    el("p", { class: "lead" }, leadOf(all)),
    limitNote(),
    tilesOf(all),
    regenerationSection(all),
    scoresSection(all),
    speechSection(all.said),
    groupsSection(),
    flagsSection(),
    auditSection(),
    modulesSection(usage, usageOf(total(Object.values(usage)))),
    endNote(),
  );
}

function tilesOf(all) {
  const flagged = entries.filter((entry) => entry.flags.length).length;
  const { rate, mean } = all.regenerations;
  return el(
    "ul",
    { class: "tiles", role: "list" },
    tile(count(overview.count), "dialogues", linkTo({})),
    tile(count(flagged), "flagged", flagged ? linkTo({ flag: "any" }) : null),
    rate !== null && tile(percent(rate), "responses written again", rate ? linkTo({ again: "any" }) : null),
    mean !== null && tile(fixed(mean), "regenerations of a response"),
    all.easy && tile(count(all.easy.pass), "easy", all.easy.pass ? linkTo({ difficulty: "easy" }) : null),
    all.easy &&
      tile(count(all.easy.letter), "easy by the letter", all.easy.letter ? linkTo({ difficulty: "easy by the letter" }) : null),
  );
}

function regenerationSection(all) {
  const { responses, regenerations } = all;
  const rows = Object.entries(regenerations.counts).map(([number, value]) => [
    number,
    count(value),
    percent(value / responses.all),
  ]);
  const ends = Object.entries(responses.ended).map(([name, value]) => [
    el("a", { href: linkTo({ end: ENDS[name] ?? name }) }, ENDS[name] ?? name),
    count(value),
    percent(value / responses.all),
  ]);
  const paper =
    regenerations.rate === null
      ? "Nobody scored these responses."
      : `Regeneration rate ${percent(regenerations.rate)}, ${fixed(regenerations.mean)} regenerations of a response (UPC, Table 3).`;
  return section(
    "Responses",
    note(
      `${paper} ${many(responses.rejected_drafts, "draft")} rejected by rules, `,
      `${many(responses.withheld_advice, "sentence")} of advice withheld.`,
    ),
    el(
      "div",
      { class: "parts" },
      el("div", {}, el("h3", {}, "Regenerations"), table(["Regenerations", "Responses", "Share"], rows)),
      el("div", {}, el("h3", {}, "How they ended"), table(["End", "Responses", "Share"], ends)),
    ),
  );
}

function scoresSection(all) {
  const turns = overview.turns.filter(([, means]) => means !== null);
  if (!turns.length) return null;
  const cells = (means) => ASPECTS.map((aspect) => fixed(means[aspect]));
  const { first, said } = all.scores;
  return section(
    "Scores",
    figure("Of the responses that were said, by turn", (width) => scoreChart(width, turns), {
      head: ["Turn", ...NAMES],
      rows: turns.map(([turn, means]) => [turn, ...cells(means)]),
    }),
    table(["Responses", ...NAMES], [
      ["first attempts", ...cells(first)],
      ["said", ...cells(said)],
    ]),
  );
}

function speechSection(sides) {
  const rows = Object.entries(sides).map(([name, each]) => [
    name,
    count(each.utterances),
    fixed(each.words.mean, 1),
    fixed(each.tokens, 1),
    fixed(each.questions),
    each.asking === null ? "–" : percent(each.asking),
    fixed(each.distinct_1, 3),
    fixed(each.distinct_2, 3),
  ]);
  const head = ["Who", "Utterances", "Words", "Tokens", "Questions", "Asking", "Distinct-1", "Distinct-2"];
  return section(
    "What is said",
    table(head, rows),
    note("Words, tokens (estimated) and questions are means of an utterance. A Chinese character is a word."),
  );
}

function groupsSection() {
  if (overview.groups.length < 2) return null;
  const known = new Set(entries.map((entry) => entry.group));
  const rows = overview.groups.map(([name, group]) => [
    el("a", { href: linkTo({ group: known.has(name) ? name : "no group" }) }, known.has(name) ? name : "no group"),
    count(group.dialogues),
    group.regeneration_rate === null ? "–" : percent(group.regeneration_rate),
    ...ASPECTS.map((aspect) => fixed(group.scores?.[aspect])),
  ]);
  return section("Groups", table(["Group", "Dialogues", "Written again", ...NAMES], rows));
}

function usageOf(each) {
  const tokens = each.prompt_tokens + each.completion_tokens;
  return { ...each, tokens, tokens_a_dialogue: tokens / overview.count };
}

function total(all) {
  const sumOf = (name) => all.reduce((sum, each) => sum + each[name], 0);
  return { calls: sumOf("calls"), prompt_tokens: sumOf("prompt_tokens"), completion_tokens: sumOf("completion_tokens") };
}
