// What the text search looks at of a pair (search.js).

/** A pair's own turns, and the rest it says; turns it shares with the pair before it are that one's. */
function textOf(pair, entry) {
  const rest = new Set([entry.id, pair.source]);
  const turns = (pair.turns ?? []).map((turn, at) =>
    [at ? "" : (pair.opening ?? ""), ...turn].join("\n").toLowerCase(),
  );
  for (const flag of pair.flags) rest.add(flag.evidence);
  if (pair.turns) addRecord(pair, rest);
  else [pair.chosen, pair.rejected, ...pair.messages.map((message) => message[1])].forEach((each) => rest.add(each));
  rest.delete(null);
  return { continues: pair.continues ?? 0, turns, rest: [...rest].join("\n").toLowerCase() };
}

/** Beyond the context: truth, tree, candidates and both sides, each text once. */
function addRecord(pair, rest) {
  const path = (each) => each && rest.add(pathText(each));
  rest.add(pair.truth.utterance);
  pair.truth.paths.forEach(path);
  for (const [topic, leaves] of pair.tree ?? [])
    for (const leaf of leaves) rest.add(pathText([topic, leaf[0], leaf[1]]));
  rest.add(pair.profile);
  const sides = [pair.chosen, pair.rejected].filter(Boolean);
  for (const side of sides) rest.add(side.type_reasoning);
  for (const each of [...pair.candidates, ...sides.flatMap((side) => side.candidates)]) {
    rest
      .add(each.utterance)
      .add(each.reasoning)
      .add(each.reason ?? null);
    path(each.path);
  }
}
