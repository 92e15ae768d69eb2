// Where the reader is: view, pair and filters. All of it is in the address, after #, so every state is a permalink and
// the browser's back button works.

/** As in the style: from here on down, list and pair take turns. */
const NARROW = "(max-width: 900px)";

const FILTERS = ["q", ...Object.keys(FACETS), "min", "max", "order"];

/** The state that an address gives. Unknown names are left out. */
function stateOf(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const state = { view: given.get("view") === "pairs" || given.has("pair") ? "pairs" : "overview" };
  state.pair = given.get("pair");
  for (const name of FILTERS) state[name] = given.get(name) ?? "";
  return state;
}

/** The address of a state. */
function hashOf(state) {
  const given = new URLSearchParams();
  if (state.view === "pairs" && !state.pair) given.set("view", "pairs");
  if (state.view === "pairs" && state.pair) given.set("pair", state.pair);
  for (const name of FILTERS) if (state.view === "pairs" && state[name]) given.set(name, state[name]);
  return `#${given}`;
}

let state = stateOf(location.hash);

/** Go to the state with these changes. `quiet`: in place of the present one, so that back skips it (while typing). */
function go(changes, { quiet = false } = {}) {
  const hash = hashOf({ ...state, ...changes });
  if (hash === (location.hash || "#")) return;
  history[quiet ? "replaceState" : "pushState"](null, "", hash);
  arrive();
}

/** Read the address again and show what it says. */
function arrive() {
  const before = state;
  state = stateOf(location.hash);
  render(before);
}

/** An address for links: this view and no filters but those given. */
function linkTo(changes) {
  const blank = stateOf("");
  return hashOf({ ...blank, view: "pairs", ...changes });
}
