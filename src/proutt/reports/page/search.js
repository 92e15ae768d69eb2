// Text search over everything a pair says, ignoring case. Chunks are unpacked one after the other, so hits come in while
// the search goes on; another search ends this one.

const search = { q: "", hits: null, seen: 0, done: true, turn: 0 };

/** Characters of text kept for the next search, at most: some 200 MB. */
const REMEMBERED = 1e8;
let remembered = 0;

/** Search for `q`; `progress` is called as hits come in and at the end. */
async function searchFor(q, progress) {
  const wanted = q.trim().toLowerCase();
  const turn = (search.turn += 1);
  if (!wanted) {
    Object.assign(search, { q: "", hits: null, seen: entries.length, done: true });
    return progress();
  }
  // Whoever types on narrows the search down: what did not hold the beginning does not hold the whole.
  const within = search.done && search.q && wanted.includes(search.q) ? search.hits : null;
  Object.assign(search, { q: wanted, hits: new Set(), seen: 0, done: false });
  let shown = performance.now();
  for (const chunk of chunks) {
    if (!within || anyIn(within, chunk)) {
      const texts = await textsOf(chunk);
      if (turn !== search.turn) return;
      matches(texts, wanted).forEach((hit, at) => hit && search.hits.add(chunk.from + at));
    }
    search.seen = chunk.from + chunk.size;
    if (performance.now() - shown > 120) {
      progress();
      await new Promise((next) => setTimeout(next));
      if (turn !== search.turn) return;
      shown = performance.now();
    }
  }
  search.done = true;
  progress();
}

function anyIn(hits, chunk) {
  for (let at = chunk.from; at < chunk.from + chunk.size; at += 1) if (hits.has(at)) return true;
  return false;
}

/** What is searched of each pair of a chunk, in small letters; remembered, so that only the first search unpacks. */
async function textsOf(chunk) {
  if (chunk.texts) return chunk.texts;
  const pairs = await unpack(chunk.block.textContent);
  const texts = pairs.map((pair, at) => textOf(pair, entries[chunk.from + at]));
  const size = texts.reduce(
    (all, each) => all + each.rest.length + each.turns.reduce((sum, turn) => sum + turn.length, 0),
    0,
  );
  if (remembered + size <= REMEMBERED) {
    remembered += size;
    chunk.texts = texts;
  }
  return texts;
}

/** For each pair of a chunk, whether it holds the text. */
function matches(texts, wanted) {
  let first = Infinity; // the turn of the present dialogue that holds it
  return texts.map((pair) => {
    if (first >= pair.continues) {
      const hit = pair.turns.findIndex((turn) => turn.includes(wanted));
      first = hit < 0 ? Infinity : hit + pair.continues;
    }
    return first < Infinity || pair.rest.includes(wanted);
  });
}

/** Mark the text that was searched for, where it is shown. The document stays as it is: only its painting changes. */
function markHits(place) {
  if (!globalThis.CSS?.highlights) return;
  CSS.highlights.delete("hit");
  if (!search.q) return;
  const ranges = [];
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const low = node.data.toLowerCase();
    if (low.length !== node.data.length) continue; // a letter whose small form is longer: the places would be wrong
    for (let at = low.indexOf(search.q); at >= 0; at = low.indexOf(search.q, at + search.q.length)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + search.q.length);
      ranges.push(range);
    }
  }
  CSS.highlights.set("hit", new Highlight(...ranges));
}
