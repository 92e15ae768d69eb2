// Keys, and the list of them.

const KEYS = [
  ["j  →", `next ${overview.noun}`, () => step(1), ["j", "ArrowRight"]],
  ["k  ←", `previous ${overview.noun}`, () => step(-1), ["k", "ArrowLeft"]],
  ["/", "search", toSearch, ["/"]],
  ...STEPS,
  ["l", "back to the list", () => go({ view: "pairs", pair: null }), ["l"]],
  ["o", "overview", () => go({ view: "overview" }), ["o"]],
  ["?", "this list", () => byId("help").showModal(), ["?"]],
];

function step(by) {
  const id = neighbour(by);
  if (id !== null) go({ view: "pairs", pair: id });
}

function toSearch() {
  if (state.view !== "pairs" || (state.pair && matchMedia(NARROW).matches)) go({ view: "pairs", pair: null });
  controls.q.focus();
  controls.q.select();
}

function listenToKeys() {
  const help = byId("help");
  put(
    help,
    el("h2", { id: "help-title" }, "Keys"),
    el(
      "dl",
      {},
      KEYS.map(([key, meaning]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, meaning)]),
    ),
    el("form", { method: "dialog" }, el("button", {}, "Close")),
  );
  byId("help-button").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
    if (event.target === controls.q && event.key === "Enter") return byId("rows").querySelector("a")?.focus();
    if (event.target.matches("input, select, textarea")) return event.key === "Escape" && event.target.blur();
    const known = KEYS.find(([, , , keys]) => keys.includes(event.key));
    if (!known) return;
    event.preventDefault();
    known[2]();
  });
}
