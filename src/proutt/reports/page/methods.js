// What is said of a pair by the method that made it: ProUtt edits a side by a path, the baselines have ways of their own.

/** How a baseline's pair came about, in a sentence; `score` is its J_max, the settings are the run's. */
const BASELINES = new Map(
  Object.entries({
    magpie: (score) =>
      `Of several draws the one nearest to the truth (${score}) is chosen, and the one farthest from it rejected. Nothing is edited.`,
    baize: (score) =>
      `The completion was written with the truth at hand (${score}). It is to be learnt; there is no rejected side.`,
    spar: (score, { tau_high: high }) =>
      `No prediction met the truth (${score}${below(high)}): the predictions are rejected as they were, and what a refiner that was told the truth made of them is chosen.`,
    socratic: () => "What the user really said is to be learnt, the chat with its roles swapped; there is no rejected side.",
    usp: () =>
      "What the user really said is to be learnt, the chat with its roles swapped and a profile of the user before it; there is no rejected side.",
  }),
);

const atLeast = (threshold) => (threshold === undefined ? "" : ` ≥ ${threshold}`);
const atMost = (threshold) => (threshold === undefined ? "" : ` ≤ ${threshold}`);
const below = (threshold) => (threshold === undefined ? "" : ` < ${threshold}`);

/** How a pair came about, in a sentence. */
function story(pair, entry) {
  const { method, settings } = pair.made;
  const score = `J_max ${fixed(entry.j_max)}`;
  return (BASELINES.get(method) ?? algorithm1)(score, settings, entry.branch);
}

/** Algorithm 1 on a pair. */
function algorithm1(score, { tau_high: high, tau_low: low }, branch) {
  if (branch === "high")
    return `A candidate came near the truth (${score}${atLeast(high)}): the chosen side is kept, the rejected side perturbed.`;
  if (branch === "low")
    return `No candidate came near the truth (${score}${atMost(low)}): the chosen side is revised, the rejected side kept.`;
  return `The best candidate came half near the truth (${score}): the chosen side is revised, the rejected side perturbed.`;
}

/** Whether a method's prediction is what the user said: then there is nothing to score. */
const simulates = (method) => method === "socratic" || method === "usp";

/** What was done to a side to get it. */
function editWords(edit, method) {
  const revised = BASELINES.has(method) ? "refined: the refiner was told the truth" : "revised: the true path put in";
  const kept = { magpie: "a draw, as predicted", baize: "written with the truth at hand" }[method] ?? "as predicted";
  const words = {
    keep: simulates(method) ? "what the user said" : kept,
    revise: revised,
    perturb: "perturbed: a wrong path put in",
  };
  return words[edit] ?? edit;
}

/** Why a pair has no tree. */
function treelessWords(method) {
  return BASELINES.has(method)
    ? `${method} builds no intent tree.`
    : "No intent tree was built for this pair (ablation).";
}

/** What the scores of the sides had to reach. */
function demands(method, { tau_high: high, tau_low: low }) {
  if (high === undefined) return "";
  if (!BASELINES.has(method)) return ` The best chosen one must reach ${high}, no rejected one may pass ${low}.`;
  return method === "spar" ? ` The best chosen one must reach ${high}.` : "";
}
