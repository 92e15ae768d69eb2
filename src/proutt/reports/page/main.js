// Putting it together: what is shown follows the state, and the state follows the address.

let lastPairs = "#view=pairs";

function render(before) {
  const pairs = state.view === "pairs";
  byId("overview").hidden = pairs;
  byId("pairs").hidden = !pairs;
  byId("pairs").classList.toggle("has-pair", Boolean(state.pair));
  if (pairs) lastPairs = hashOf(state);
  byId("to-pairs").href = lastPairs;
  for (const [id, on] of [
    ["to-overview", !pairs],
    ["to-pairs", pairs],
  ])
    on ? byId(id).setAttribute("aria-current", "page") : byId(id).removeAttribute("aria-current");
  document.title = plain(`${pairs && state.pair ? `${state.pair} · ` : ""}${overview.name} · proutt report`);
  if (!pairs) return;
  fillFilters();
  if (!before || before.view !== "pairs" || FILTERS.some((name) => before[name] !== state[name])) filter();
  drawRows();
  const at = places.get(state.pair);
  if (!before || before.pair !== state.pair || before.view !== "pairs") {
    followPair();
    showPair(at).catch(fatal);
  } else if (at !== undefined && page.at === at) {
    refreshHead(at);
  }
}

function filter() {
  if (state.q.trim().toLowerCase() === search.q) return setFound(kept(search.hits));
  const show = () => {
    setFound(kept(search.hits));
    followPair();
    if (page.at !== null) refreshHead(page.at);
    if (search.done) markHits(byId("pair"));
  };
  byId("list").scrollTop = 0;
  byId("found").replaceChildren(text("Searching …"));
  searchFor(state.q, show).catch(fatal);
}

function refreshHead(at) {
  byId("pair").querySelector(".pair-head")?.replaceWith(pairHead(entries[at]));
}

/** The colours: as the system, or the other ones; kept for the next time where the browser allows it. */
function chooseTheme() {
  const names = { "": "◐", light: "☀", dark: "☾" };
  const spoken = { "": "as the system", light: "light", dark: "dark" };
  const stored = () => {
    try {
      return localStorage.getItem("proutt-theme") ?? "";
    } catch {
      return "";
    }
  };
  const set = (theme) => {
    document.documentElement.dataset.theme = theme;
    byId("theme").textContent = names[theme];
    byId("theme").setAttribute("aria-label", `Colours: ${spoken[theme]}`);
    byId("theme").title = `Colours: ${spoken[theme]}`;
    try {
      localStorage.setItem("proutt-theme", theme);
    } catch {
      // Not allowed here: then it lasts as long as the page.
    }
  };
  const order = Object.keys(names);
  set(order.includes(stored()) ? stored() : "");
  byId("theme").addEventListener("click", () =>
    set(order[(order.indexOf(document.documentElement.dataset.theme) + 1) % order.length]),
  );
}

function fatal(error) {
  byId("loading").hidden = false;
  byId("loading").className = "fatal";
  byId("loading").textContent = plain(`This page can't go on: ${error.message ?? error}`);
}

async function start() {
  chooseTheme();
  if (typeof DecompressionStream === "undefined")
    throw new Error("the browser is too old to unpack the data (docs/explorer.md names those that can).");
  byId("run-name").replaceChildren(text(overview.name));
  await loadEntries();
  showOverview(byId("overview"));
  showFilters(byId("filters"));
  showList();
  listenToKeys();
  addEventListener("popstate", arrive);
  addEventListener("hashchange", arrive);
  // A link in the page that names an element is no state: only go there.
  byId("skip").addEventListener("click", (event) => (event.preventDefault(), byId("main").focus()));
  byId("loading").hidden = true;
  render(null);
  document.documentElement.dataset.ready = "true";
}

start().catch(fatal);
