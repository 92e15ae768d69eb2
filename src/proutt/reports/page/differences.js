// Where two texts differ: word by word, character by character in scripts that have no spaces between words.

const UNSPACED =
  "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3040-\\u30ff\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
const PIECES = new RegExp(
  `[${UNSPACED}]|(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}_])+|\\s+|[^\\p{L}\\p{M}\\p{N}_\\s]`,
  "gu",
);

/** Texts with less than this share in common are marked whole: crumbs of sameness only confuse. */
const COMMON = 0.35;
/** Larger comparisons (words × words) are not tried; a page must stay quick. */
const LARGEST = 4e6;

/** Both texts as runs {text, own}; `own` where the other has it not. The runs of each side join to its text. */
function differences(one, other) {
  const left = one.match(PIECES) ?? [];
  const right = other.match(PIECES) ?? [];
  const same = common(left, right);
  const sides = [
    runs(
      left,
      same.map((pair) => pair[0]),
    ),
    runs(
      right,
      same.map((pair) => pair[1]),
    ),
  ];
  const shared = same.reduce((sum, [at]) => sum + (left[at].trim() ? left[at].length : 0), 0);
  const longer = Math.max(one.replace(/\s/g, "").length, other.replace(/\s/g, "").length);
  if (shared < longer * COMMON) return [one, other].map((whole) => (whole ? [{ text: whole, own: true }] : []));
  return sides;
}

/** Pairs of indices of a longest common subsequence. */
function common(left, right) {
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1;
  let tail = 0;
  while (tail < left.length - start && tail < right.length - start && left.at(-1 - tail) === right.at(-1 - tail))
    tail += 1;
  const found = Array.from({ length: start }, (_, at) => [at, at]);
  found.push(
    ...inner(left.slice(start, left.length - tail), right.slice(start, right.length - tail)).map(([a, b]) => [
      a + start,
      b + start,
    ]),
  );
  for (let at = tail; at > 0; at -= 1) found.push([left.length - at, right.length - at]);
  return found;
}

function inner(left, right) {
  if (!left.length || !right.length || left.length * right.length > LARGEST) return [];
  const width = right.length + 1;
  const best = new Uint16Array((left.length + 1) * width);
  for (let a = left.length - 1; a >= 0; a -= 1) {
    for (let b = right.length - 1; b >= 0; b -= 1) {
      best[a * width + b] =
        left[a] === right[b]
          ? best[(a + 1) * width + b + 1] + 1
          : Math.max(best[(a + 1) * width + b], best[a * width + b + 1]);
    }
  }
  const found = [];
  for (let a = 0, b = 0; a < left.length && b < right.length;) {
    if (left[a] === right[b]) found.push([a++, b++]);
    else if (best[(a + 1) * width + b] >= best[a * width + b + 1]) a += 1;
    else b += 1;
  }
  return found;
}

/** Neighbouring pieces of one kind as one run; marked ones with only space between them are one too. */
function runs(pieces, same) {
  const shared = new Set(same);
  const made = [];
  pieces.forEach((piece, at) => {
    const own = !shared.has(at);
    const last = made.at(-1);
    const before = made.at(-2);
    if (last && last.own === own) last.text += piece;
    else if (own && before?.own && !last.text.trim())
      made.splice(-2, 2, { text: before.text + last.text + piece, own });
    else made.push({ text: piece, own });
  });
  return made;
}
