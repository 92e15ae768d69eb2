// How many words a suggestion shares with what the user really said: a simple mark for the eye, no judge.

const NEAR = 0.5;
const PARTLY = 0.25;
/** Words of the languages written with spaces; runs of the scripts that write none are cut into pairs of characters. */
const PIECES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{M}]+|[\p{L}\p{N}\p{M}]+?(?=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[^\p{L}\p{N}\p{M}]|$)/gu;
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

function pieces(said) {
  const found = said.normalize("NFKC").toLowerCase().match(PIECES) ?? [];
  return found.flatMap((piece) => {
    const chars = [...piece];
    if (!UNSPACED.test(piece) || chars.length === 1) return [piece];
    return chars.slice(1).map((char, index) => chars[index] + char);
  });
}

/** Dice's coefficient of the two texts' words, 0..1. */
export function likeness(one, other) {
  const left = pieces(one);
  const right = pieces(other);
  if (!left.length || !right.length) return 0;
  const counts = new Map();
  for (const piece of left) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  let shared = 0;
  for (const piece of right) {
    const count = counts.get(piece) ?? 0;
    if (count) {
      shared += 1;
      counts.set(piece, count - 1);
    }
  }
  return (2 * shared) / (left.length + right.length);
}

/** The mark of a likeness: {name, sign, words}. */
export function mark(share) {
  const words = `${Math.round(share * 100)}% of the words`;
  if (share >= NEAR) return { name: "near", sign: "●", words: `near (${words})` };
  if (share >= PARTLY) return { name: "partly", sign: "◐", words: `partly (${words})` };
  return { name: "far", sign: "○", words: "far" };
}
