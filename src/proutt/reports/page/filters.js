// Filters: what of the entries is in the list. All of them hold at once; the text search comes on top (search.js).

const controls = {};

function showFilters(form) {
  const input = (name, attributes) => (controls[name] = el("input", { name, ...attributes }));
  const scored = entries.some((entry) => typeof entry.j_max === "number");
  put(
    form,
    el(
      "label",
      { class: "wide" },
      el("span", {}, "Text"),
      input("q", { type: "search", placeholder: "search all texts  ( / )", autocomplete: "off", spellcheck: "false" }),
    ),
    el(
      "details",
      { class: "wide facets", open: !matchMedia(NARROW).matches },
      el("summary", {}, "Filters and order"),
      el(
        "div",
        {},
        ...Object.entries(FACETS).map(([name, [label, values]]) => facet(name, label, values)),
        scored &&
          el(
            "fieldset",
            { class: "range" },
            el("legend", {}, "J_max"),
            input("min", { type: "number", min: 0, max: 1, step: "any", placeholder: "0", "aria-label": "J_max from" }),
            " to ",
            input("max", { type: "number", min: 0, max: 1, step: "any", placeholder: "1", "aria-label": "J_max to" }),
          ),
        el(
          "label",
          {},
          el("span", {}, "Order"),
          (controls.order = el(
            "select",
            { name: "order" },
            Object.entries(ORDERS).map(([value, [label]]) => el("option", { value }, label)),
          )),
        ),
        el(
          "button",
          { type: "button", class: "reset", onclick: () => go(Object.fromEntries(FILTERS.map((name) => [name, ""]))) },
          "Clear filters",
        ),
      ),
    ),
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener(
    "change",
    (event) => event.target.name !== "q" && go({ [event.target.name]: event.target.value }),
  );
  let waiting = 0;
  controls.q.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => go({ q: controls.q.value }, { quiet: true }), 150);
  });
}

/** A choice among the values that occur, with their counts; none where there is nothing to choose. */
function facet(name, label, values) {
  const counts = new Map();
  for (const entry of entries)
    for (const value of new Set(values(entry))) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (counts.size < 2) return null;
  const sorted = [...counts].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const options = sorted.map(([value, times]) => el("option", { value }, `${words(value)} (${count(times)})`));
  return el(
    "label",
    {},
    el("span", {}, label),
    (controls[name] = el("select", { name }, el("option", { value: "" }, "all"), options)),
  );
}

/** "any" and "none" first, branches in their order. */
function rank(value) {
  const at = ["any", "none", "low", "middle", "high"].indexOf(value);
  return at < 0 ? 99 : at;
}

/** Make the controls say what the state says. */
function fillFilters() {
  for (const [name, control] of Object.entries(controls)) {
    if (control === document.activeElement && name === "q") continue;
    if (control.tagName === "SELECT" && ![...control.options].some((option) => option.value === state[name])) {
      // A permalink may name a value that no pair has.
      control.append(el("option", { value: state[name] }, `${words(state[name])} (0)`));
    }
    control.value = state[name];
  }
}

/** The positions of the entries that all filters keep, in the order asked for. `hits`: of the text search, or null. */
function kept(hits) {
  const tests = Object.entries(FACETS)
    .filter(([name]) => state[name])
    .map(
      ([name, [, values]]) =>
        (entry) =>
          values(entry).includes(state[name]),
    );
  const least = bound(state.min);
  const most = bound(state.max);
  if (least !== null) tests.push((entry) => entry.j_max !== null && entry.j_max >= least);
  if (most !== null) tests.push((entry) => entry.j_max !== null && entry.j_max <= most);
  if (hits) tests.push((entry) => hits.has(entry.at));
  const found = entries.filter((entry) => tests.every((test) => test(entry)));
  const by = ORDERS[state.order]?.[1];
  if (by) found.sort(by);
  return found.map((entry) => entry.at);
}

function bound(value) {
  const number = Number.parseFloat(value);
  return Number.isFinite(number) ? number : null;
}
