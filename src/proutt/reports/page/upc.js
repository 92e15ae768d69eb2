// The page of one dialogue of UPC: what was said, and behind each response every attempt, as it was scored and advised.

function badgesOf(entry) {
  const badge = (text, kind = "plain") => el("span", { class: `badge ${kind}` }, text);
  return [
    badge(entry.person),
    entry.group !== null && badge(`group ${entry.group}`),
    badge(entry.language),
    difficultyOf(entry).map((each) => badge(each, each === "easy" ? "good" : "plain")),
    badge(many(entry.again, "regeneration")),
  ];
}

function partsOf(dialogue, entry) {
  page.tree = null;
  return [
    flagsPart(dialogue.flags),
    block(
      `Persona: ${entry.person}`,
      said(dialogue.background, "background"),
      el("p", { class: "note" }, "The user agent and the critic know it. The chatbot is told nothing of it."),
    ),
    el(
      "section",
      { class: "block" },
      foldHead(many(dialogue.turns.length + 1, "turn")),
      el("ol", { class: "exchanges" }, firstTurn(dialogue), dialogue.turns.map((turn, at) => laterTurn(turn, at + 2))),
    ),
    aboutPart(dialogue),
  ];
}

function firstTurn(dialogue) {
  return turnOf(
    1,
    null,
    speech("assistant", "Chatbot", said(dialogue.greeting), draftsPart(dialogue.greeting_rejected)),
    speech("user", "User", said(dialogue.introduction)),
  );
}

function laterTurn(turn, number) {
  const kept = turn.attempts[turn.kept];
  return turnOf(
    number,
    turn.difficult && el("span", { class: "difficult" }, "difficult"),
    speech("assistant", "Chatbot", said(kept.utterance), kept.scores && scoreChips(kept.scores), attemptsPart(turn)),
    speech("user", "User", said(turn.user)),
  );
}

function turnOf(number, mark, ...content) {
  return el("li", { class: "exchange", id: `turn-${number}` }, el("h3", {}, `Turn ${number}`, mark && [" ", mark]), ...content);
}

function speech(side, name, ...content) {
  return el("div", { class: `speech ${side}` }, el("span", { class: "speaker" }, name), ...content);
}

/** All attempts and rejected drafts in the order in which they were written. */
function attemptsPart(turn) {
  const drafts = (at) => turn.rejected.filter(([attempt]) => attempt === at).map(draftPart);
  const written = turn.attempts.map((each, at) => [drafts(at), attemptPart(each, at, at === turn.kept)]);
  const rest = turn.rejected.filter(([attempt]) => attempt >= turn.attempts.length).map(draftPart);
  const title = `${many(turn.attempts.length, "attempt")}, ${ENDS[turn.ended] ?? turn.ended}`;
  return thinking(title, el("ol", { class: "attempts" }, written, rest));
}

function attemptPart(attempt, at, kept) {
  return el(
    "li",
    { class: kept ? "attempt kept" : "attempt" },
    el("h4", {}, at ? `Regeneration ${at}` : "First attempt", kept && [" ", el("span", { class: "tag" }, "said")]),
    said(attempt.utterance),
    attempt.scores && el("dl", { class: "reasons" }, attempt.scores.map(reasonPart)),
    attempt.advice && el("div", { class: "advice" }, el("b", {}, "Advice that the chatbot read"), said(attempt.advice)),
    attempt.withheld.length > 0 &&
      el(
        "div",
        { class: "withheld" },
        el("b", {}, "Withheld, for it tells of the background"),
        attempt.withheld.map((each) => said(each)),
      ),
  );
}

function reasonPart([aspect, score, reason]) {
  return el("div", {}, el("dt", {}, `${aspect} ${score}`), el("dd", { dir: "auto" }, reason));
}

function draftPart([, text, reason]) {
  return el(
    "li",
    { class: "attempt draft" },
    el("h4", {}, "Rejected by a rule"),
    said(text),
    el("p", { class: "why" }, reason),
  );
}

function draftsPart(drafts) {
  if (!drafts.length) return null;
  return thinking(many(drafts.length, "rejected draft"), el("ol", { class: "attempts" }, drafts.map(draftPart)));
}
