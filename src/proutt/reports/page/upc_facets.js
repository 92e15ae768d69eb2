// What UPC's dialogues are filtered and ordered by (filters.js).

/** What is folded on the page of a dialogue. */
const FOLDED = "attempts";

/** Why a response was not written again. */
const ENDS = {
  passed: "all scores passed",
  "most-regenerations": "no regeneration left",
  "no-usable-regeneration": "no usable regeneration",
  unguided: "nobody scored",
};

function difficultyOf(entry) {
  if (entry.easy === null) return ["not scored"];
  return [entry.easy ? "easy" : "difficult", entry.letter ? "easy by the letter" : "difficult by the letter"];
}

function againOf(entry) {
  if (!entry.again) return ["none"];
  return ["any", many(entry.again, "regeneration")];
}

/** name → label, and the values of an entry. A value that is the filter's keeps the entry. */
const FACETS = {
  group: ["Group", (entry) => [entry.group ?? "no group"]],
  difficulty: ["Difficulty", difficultyOf],
  again: ["Written again", againOf],
  end: ["A response ended", (entry) => entry.ended.map((each) => ENDS[each] ?? each)],
  language: ["Language", (entry) => [entry.language]],
  strategy: ["Strategy", (entry) => [entry.strategy]],
  flag: ["Flag", (entry) => (entry.flags.length ? ["any", ...entry.flags] : ["none"])],
};

/** value → label, and how two entries compare; null: as they come. */
const ORDERS = {
  "": ["as in the run", null],
  again: ["most regenerations first", (a, b) => b.again - a.again],
  score: ["lowest scores first", (a, b) => (a.score ?? 99) - (b.score ?? 99)],
  flags: ["most flags first", (a, b) => b.flags.length - a.flags.length],
};
