// What the text search looks at of a dialogue (search.js): all that was said, drafted, scored, advised, and the persona.

function textOf(dialogue, entry) {
  const rest = [entry.id, entry.person, dialogue.background, ...dialogue.flags.map((flag) => flag.evidence)];
  const first = [dialogue.greeting, dialogue.introduction, ...dialogue.greeting_rejected.flat()];
  const turns = dialogue.turns.map((turn) => [turn.user, ...turn.attempts.flatMap(wordsOf), ...turn.rejected.flat()]);
  const small = (texts) => texts.filter(Boolean).join("\n").toLowerCase();
  return { continues: 0, turns: [first, ...turns].map(small), rest: small(rest) };
}

function wordsOf(attempt) {
  const reasons = (attempt.scores ?? []).map(([, , reason]) => reason);
  return [attempt.utterance, ...reasons, attempt.advice, ...attempt.withheld];
}
