// The frame around one record of the list: its head, how to go on, what is held against it.

const page = { at: null, turn: 0, tree: null };

async function showPair(at) {
  const turn = (page.turn += 1);
  const place = byId("pair");
  if (at === undefined) {
    page.at = null;
    page.tree = null;
    const missing = state.pair
      ? `There is no ${overview.noun} ${state.pair} in this file.`
      : `Choose a ${overview.noun}, or press j for the first one.`;
    return place.replaceChildren(el("p", { class: "note empty" }, missing));
  }
  const pair = await pairAt(at);
  if (turn !== page.turn) return;
  page.at = at;
  const key = place.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  place.replaceChildren();
  put(place, pairHead(entries[at]), partsOf(pair, entries[at]));
  place.scrollTop = 0;
  if (matchMedia(NARROW).matches) scrollTo(0, 0);
  place.dataset.pair = at;
  if (key) (place.querySelector(`[data-key="${key}"]:enabled`) ?? place).focus({ preventScroll: true });
  byId("spoken").replaceChildren(text(`${spokenNoun()} ${entries[at].id}, ${found.indexOf(at) + 1} of ${found.length}`));
  markHits(place);
}

function pairHead(entry) {
  const place = found.indexOf(entry.at);
  const where = place < 0 ? `not among the ${overview.noun}s found` : `${count(place + 1)} of ${count(found.length)}`;
  const previous = neighbour(-1);
  const next = neighbour(1);
  const button = (words, id, key) =>
    el(
      "button",
      { type: "button", disabled: id === null, onclick: () => go({ pair: id }), title: `key ${key}`, "data-key": key },
      words,
    );
  return el(
    "header",
    { class: "pair-head" },
    el(
      "div",
      { class: "pair-nav" },
      el("a", { class: "to-list", href: hashOf({ ...state, pair: null, view: "pairs" }) }, "‹ List"),
      button("‹ Previous", previous, "k"),
      button("Next ›", next, "j"),
      el("span", { class: "quiet" }, where),
      el("a", { class: "permalink", href: linkTo({ pair: entry.id }) }, "Permalink"),
    ),
    el("h1", {}, entry.id),
    el("p", { class: "facts" }, badgesOf(entry)),
  );
}

function spokenNoun() {
  return overview.noun[0].toUpperCase() + overview.noun.slice(1);
}

function block(title, ...content) {
  return el("section", { class: "block" }, el("h2", {}, title), ...content);
}

/** What is held against it, a row a check. */
function flagsPart(flags) {
  if (!flags.length) return null;
  const checks = Map.groupBy(flags, (flag) => flag.check);
  const one = (flag) => [
    flag.where && `${flag.where}: `,
    flag.reason,
    flag.evidence && el("q", { dir: "auto" }, flag.evidence),
  ];
  const item = ([check, own]) =>
    el(
      "li",
      { class: own[0].severity },
      el("b", {}, `⚑ ${words(check)}`),
      own.length === 1
        ? [" · ", one(own[0])]
        : el(
            "ul",
            {},
            own.map((flag) => el("li", {}, one(flag))),
          ),
    );
  return el("ul", { class: "flags", role: "list", "aria-label": "Flags" }, [...checks].map(item));
}
