// The data in the file: an overview, entries of all pairs, and the pairs in chunks that are unpacked when looked at.

/** Chunks kept unpacked, those used last. */
const KEPT = 8;

const overview = JSON.parse(byId("overview-data").textContent);
/** What list and filters know of each pair, in the order of the run: fields of overview.entry, and `id`. */
const entries = [];
/** Permalink id → position. */
const places = new Map();
const chunks = [];
const unpackedChunks = new Map();

/** Base64 of deflated JSON → value. The browser inflates; nothing of it is ever run. */
async function unpack(base64) {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at += 1) bytes[at] = letters.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

async function loadEntries() {
  for (const block of document.querySelectorAll("script.entries")) {
    for (const row of await unpack(block.textContent)) {
      const entry = Object.fromEntries(overview.entry.map((name, at) => [name, row[at]]));
      entry.at = entries.length;
      entry.id = freeId(entry.name);
      places.set(entry.id, entry.at);
      entries.push(entry);
    }
  }
  let from = 0;
  for (const block of document.querySelectorAll("script.pairs")) {
    const size = Number(block.dataset.count);
    chunks.push({ block, from, size });
    from += size;
  }
}

/** Id → the number that its next double gets. */
const doubles = new Map();

/** An id that no pair before has: files of somebody else may give one id again and again. */
function freeId(id) {
  let free = id;
  let again = doubles.get(id) ?? 2;
  for (; places.has(free); again += 1) free = `${id}~${again}`;
  if (free !== id) doubles.set(id, again);
  return free;
}

/** The pairs of a chunk, contexts whole. */
async function pairsOf(chunk) {
  const known = unpackedChunks.get(chunk);
  if (known) {
    unpackedChunks.delete(chunk);
    unpackedChunks.set(chunk, known);
    return known;
  }
  const pairs = whole(await unpack(chunk.block.textContent));
  unpackedChunks.set(chunk, pairs);
  if (unpackedChunks.size > KEPT) unpackedChunks.delete(unpackedChunks.keys().next().value);
  return pairs;
}

/** A pair gives only what the pair before it in its chunk has not: put the rest back. */
function whole(pairs) {
  let before = null;
  for (const pair of pairs) {
    if (pair.turns) {
      if (pair.continues) {
        pair.opening = before.opening;
        pair.turns = [...before.turns.slice(0, pair.continues), ...pair.turns];
      }
      pair.made ??= before.made;
      before = pair;
    }
  }
  return pairs;
}

async function pairAt(at) {
  const chunk = chunks.find((each) => at >= each.from && at < each.from + each.size);
  return (await pairsOf(chunk))[at - chunk.from];
}
