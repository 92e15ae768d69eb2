// What dialogues are filtered and ordered by (filters.js).

/** What is folded on the page of a dialogue. */
const FOLDED = "thinking";

const ENDS = { "nothing-missing": "nothing missing", reluctant: "user wants no more", "most-turns": "cut off" };

/** name → label, and the values of an entry. A value that is the filter's keeps the entry. */
const FACETS = {
  task: ["Task", (entry) => [entry.task]],
  language: ["Language", (entry) => [entry.language]],
  method: ["Method", (entry) => [entry.method]],
  end: ["End", (entry) => [ENDS[entry.end] ?? entry.end]],
  user: ["User", (entry) => [entry.reluctant ? "reluctant" : "patient"]],
  flag: ["Flag", (entry) => (entry.flags.length ? ["any", ...entry.flags] : ["none"])],
};

/** value → label, and how two entries compare; null: as they come. */
const ORDERS = {
  "": ["as in the run", null],
  long: ["most turns first", (a, b) => b.turns - a.turns],
  short: ["fewest turns first", (a, b) => a.turns - b.turns],
  flags: ["most flags first", (a, b) => b.flags.length - a.flags.length],
};
