// The list of the pairs found. Only the rows in sight are in the document, so 10,000 scroll like ten.

/** Pixels; the style gives rows the same height. */
const ROW = 62;
/** Rows kept above and below what is in sight. */
const SPARE = 8;

/** Positions of the pairs found, in their order. */
let found = [];

function showList() {
  byId("list").addEventListener("scroll", drawRows, { passive: true });
  new ResizeObserver(drawRows).observe(byId("list"));
}

function setFound(positions) {
  found = positions;
  const list = byId("rows");
  list.style.height = `${Math.max(found.length * ROW, 1)}px`;
  drawn = "";
  drawRows();
  byId("found").replaceChildren(foundLine());
}

function foundLine() {
  const all = count(entries.length);
  if (!search.done) return text(`${count(found.length)} of ${all}; searched ${count(search.seen)} …`);
  return text(
    found.length === entries.length ? many(entries.length, overview.noun) : `${count(found.length)} of ${all} ${overview.noun}s`,
  );
}

let drawn = "";

function drawRows() {
  const list = byId("list");
  const from = Math.max(0, Math.floor(list.scrollTop / ROW) - SPARE);
  const to = Math.min(found.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + SPARE);
  const now = `${from}-${to}-${state.pair}-${location.hash}`;
  if (now === drawn) return;
  drawn = now;
  const focused = byId("rows").contains(document.activeElement) ? document.activeElement.dataset.at : null;
  byId("rows").replaceChildren(...found.slice(from, to).map((at, offset) => rowOf(entries[at], from + offset)));
  if (focused !== null) byId("rows").querySelector(`[data-at="${focused}"]`)?.focus({ preventScroll: true });
}

function rowOf(entry, place) {
  const row = el(
    "li",
    { "aria-setsize": found.length, "aria-posinset": place + 1 },
    el(
      "a",
      {
        href: hashOf({ ...state, pair: entry.id }),
        "data-at": entry.at,
        "aria-current": entry.id === state.pair && "true",
        class: entry.branch ? `row branch-${entry.branch}` : "row",
      },
      el(
        "span",
        { class: "row-head" },
        el("span", { class: "row-id" }, entry.id),
        entry.flags.length > 0 &&
          el("span", { class: "row-flags", title: entry.flags.map(words).join(", ") }, `⚑ ${entry.flags.length}`),
        typeof entry.j_max === "number" && el("span", { class: "row-score" }, fixed(entry.j_max)),
        entry.turns && el("span", { class: "row-score" }, many(entry.turns, "turn")),
      ),
      el("span", { class: "row-text", dir: "auto" }, entry.snippet || " "),
    ),
  );
  row.style.top = `${place * ROW}px`;
  return row;
}

/** Bring the row of the pair that is shown into sight. */
function followPair() {
  const place = found.indexOf(places.get(state.pair));
  if (place < 0) return;
  const list = byId("list");
  const top = place * ROW;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
  drawRows();
}

/** The pair `step` places on among those found; null where the list ends. */
function neighbour(step) {
  if (!found.length) return null;
  const at = places.get(state.pair);
  const place = found.indexOf(at);
  if (place >= 0) return entries[found[place + step]]?.id ?? null;
  if (at === undefined) return entries[found[step > 0 ? 0 : found.length - 1]].id;
  // A pair that the filters leave out: go on from where it would stand.
  const next = step > 0 ? found.find((each) => each > at) : found.findLast((each) => each < at);
  return next === undefined ? null : entries[next].id;
}
