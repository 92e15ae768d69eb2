// The page of one dialogue: turn by turn what was said, what was thought of it, and how the intention state grows.

function badgesOf(entry) {
  return [
    el("span", { class: "badge plain" }, entry.task),
    el("span", { class: "badge plain" }, entry.language),
    entry.method !== "synpt" && el("span", { class: "badge plain" }, entry.method),
    el("span", { class: `badge ${entry.end === "most-turns" ? "plain" : "good"}` }, ENDS[entry.end] ?? entry.end),
    entry.reluctant && el("span", { class: "badge plain" }, "reluctant user"),
  ];
}

function partsOf(dialogue) {
  page.tree = null;
  return [
    flagsPart(dialogue.flags),
    seedPart(dialogue),
    el(
      "section",
      { class: "block" },
      foldHead(many(dialogue.exchanges.length, "turn")),
      el(
        "ol",
        { class: "exchanges" },
        dialogue.exchanges.map((each, at) => exchange(each, at + 1)),
      ),
    ),
    aboutPart(dialogue, [["Dialogues made of the seed", count(dialogue.made.attempts)]]),
  ];
}

/** What the user has in mind, and which of it the initial inquiry was to tell. */
function seedPart(dialogue) {
  if (!dialogue.seed.length)
    return block("Seed", el("p", { class: "note" }, "Released dialogues do not tell what the user had in mind."));
  const chosen = new Set(dialogue.inquiry ?? []);
  return block(
    "Seed: what the user has in mind",
    el(
      "dl",
      { class: "values" },
      dialogue.seed.map(([name, value]) =>
        el(
          "div",
          { class: chosen.has(name) ? "value-of chosen" : "value-of" },
          el("dt", {}, name),
          el("dd", { dir: "auto" }, value, chosen.has(name) && [" ", el("span", { class: "in-inquiry" }, "in the inquiry")]),
        ),
      ),
    ),
    dialogue.inquiry === null && el("p", { class: "note" }, "Nothing was chosen for the initial inquiry."),
  );
}

function exchange(each, number) {
  return el(
    "li",
    { class: "exchange", id: `turn-${number}` },
    el("h3", {}, `Turn ${number}`),
    el(
      "div",
      { class: "speech user" },
      el("span", { class: "speaker" }, "User", each.unwilling && [" ", el("span", { class: "unwilling" }, "wants no more")]),
      said(each.utterance),
      userThinking(each),
    ),
    each.state && stateOfIntentions(each),
    el(
      "div",
      { class: "speech assistant" },
      el("span", { class: "speaker" }, each.summary ? "Assistant sums up" : "Assistant"),
      each.summary ? summaryPart(each.summary) : said(each.reply),
      each.options && chips(each.options.options),
      assistantThinking(each),
    ),
  );
}

/** S_i: values that this turn brought stand out; what is asked for is marked among what is missing. */
function stateOfIntentions(each) {
  const known = each.given.map(([name, value, fresh]) =>
    el(
      "li",
      { class: fresh ? "intention given fresh" : "intention given" },
      el("b", {}, name),
      " ",
      el("span", { dir: "auto" }, value),
      fresh && [" ", el("span", { class: "tag" }, "new")],
    ),
  );
  const open = each.missing.map((name) =>
    el(
      "li",
      { class: name === each.ask ? "intention missing asked" : "intention missing" },
      name,
      name === each.ask && [" ", el("span", { class: "tag" }, "asked for")],
    ),
  );
  const all = each.given.length + each.missing.length;
  return el(
    "div",
    { class: "state" },
    el("p", { class: "state-line" }, `Known: ${each.given.length} of ${all}`),
    el("ul", { role: "list", "aria-label": "Intention state" }, [...known, ...open]),
  );
}

function chips(options) {
  return el(
    "ul",
    { class: "chips", role: "list", "aria-label": "Reference options" },
    options.map((each) => el("li", { dir: "auto" }, each)),
  );
}

function summaryPart(values) {
  return el(
    "dl",
    { class: "values summary" },
    values.map(([name, value, agrees]) =>
      el(
        "div",
        { class: "value-of" },
        el("dt", {}, name),
        el(
          "dd",
          { dir: "auto" },
          value,
          agrees === false && [" ", el("span", { class: "disagrees" }, "not the seed's")],
        ),
      ),
    ),
  );
}

function userThinking(each) {
  const told = each.told && `Told: ${each.told.length ? each.told.join(", ") : "nothing"}.`;
  if (!told && !each.why) return null;
  return thinking("User's thinking", told && el("p", { class: "note" }, told), each.why && said(each.why, "reasoning"));
}

function assistantThinking(each) {
  const parts = [];
  if (each.reflection)
    parts.push(
      thought(each.reflection.changed ? "Reflection: put right" : "Reflection: left as it was", each.reflection.reasoning),
    );
  if (each.emotion)
    parts.push(thought(each.emotion.willing ? "Emotion: willing to go on" : "Emotion: unwilling", each.emotion.reasoning));
  if (each.options) parts.push(thought("Options", each.options.reasoning));
  return parts.length ? thinking("Assistant's thinking", ...parts) : null;
}

function thought(title, reasoning) {
  return el("div", { class: "thought" }, el("h4", {}, title), said(reasoning || "–", "reasoning"));
}
