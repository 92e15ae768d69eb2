// What the text search looks at of a dialogue (search.js): all that was said, and all that was thought.

function textOf(dialogue, entry) {
  const rest = new Set([entry.id, entry.task, dialogue.source]);
  for (const [, value] of dialogue.seed) rest.add(value);
  for (const flag of dialogue.flags) rest.add(flag.evidence);
  const turns = dialogue.exchanges.map((each) =>
    [each.utterance, each.why, each.reply, ...thoughtsOf(each)].filter(Boolean).join("\n").toLowerCase(),
  );
  return { continues: 0, turns, rest: [...rest].join("\n").toLowerCase() };
}

function thoughtsOf(each) {
  return [
    ...each.given.map(([, value]) => value),
    each.reflection?.reasoning,
    each.emotion?.reasoning,
    each.options?.reasoning,
    ...(each.options?.options ?? []),
    ...(each.summary ?? []).map(([, value]) => value),
  ];
}
