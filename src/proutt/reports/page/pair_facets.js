// What pairs are filtered and ordered by (filters.js).

/** name → label, and the values of an entry. A value that is the filter's keeps the entry. */
const FACETS = {
  branch: ["Branch", (entry) => [entry.branch]],
  language: ["Language", (entry) => [entry.language]],
  perspective: ["Perspective", (entry) => [entry.perspective]],
  type: ["Sentence type", (entry) => [entry.type]],
  verified: ["Verified", (entry) => [{ true: "verified", false: "not verified", null: "not checked" }[entry.verified]]],
  flag: ["Flag", (entry) => (entry.flags.length ? ["any", ...entry.flags] : ["none"])],
};

/** value → label, and how two entries compare; null: as they come. */
const ORDERS = {
  "": ["as in the run", null],
  low: ["lowest J_max first", (a, b) => a.j_max - b.j_max],
  high: ["highest J_max first", (a, b) => b.j_max - a.j_max],
  flags: ["most flags first", (a, b) => b.flags.length - a.flags.length],
};
