"use strict";
// One item at a time, answered by a key or a button. What people and models wrote goes through text.js: text, never markup.
// The page knows no system, no other person and no other answer.

const LISTS = [
  { said: "first", key: "1", keys: ["1", "ArrowLeft"], label: "First is nearer" },
  { said: "tie", key: "0", keys: ["0", "ArrowDown"], label: "Tie" },
  { said: "second", key: "2", keys: ["2", "ArrowRight"], label: "Second is nearer" },
];
const SCORES = Array.from({ length: 11 }, (_, tenth) => {
  const key = tenth === 10 ? "t" : String(tenth);
  return { said: tenth / 10, key, keys: [key], label: (tenth / 10).toFixed(1) };
});
const CLAIMED = [
  { said: "yes", key: "y", keys: ["y", "1"], label: "Yes" },
  { said: "no", key: "n", keys: ["n", "0"], label: "No" },
];
const OPINIONS = [1, 2, 3, 4, 5].map((score) => ({ said: score, key: String(score), keys: [String(score)], label: String(score) }));
const LISTS_QUESTION =
  "In each list, take the prediction that is nearest to what the user really said, in intent and meaning; wording, " +
  "length and the number of predictions do not count. Which of these two is nearer? Tie: both equally near, or far.";
const SCORE_QUESTION =
  "How near is the prediction to what the user really said, in intent and meaning? 0.0: nothing in common. " +
  "1.0: the same intent and the same details.";
const RESTS = {
  done: ["All is judged.", "Thank you. This page can be closed."],
  wait: ["Nothing to judge for now.", "Others have to finish first. Reload this page later."],
  third: ["Nothing to judge for you.", "What is left is for somebody who has not seen these items yet."],
};

const GONE = "proutt annotate does not answer. Is it still running? Nothing is lost: start it again, then answer again.";

let name = sessionStorage.getItem("name") ?? "";
let item = null; // what is shown, as the server said it
let busy = false; // an answer is on its way: keys count for nothing
let looked = 0; // milliseconds that the item was in sight
let since = null;

function inSight() {
  const now = performance.now();
  if (since !== null) looked += now - since;
  since = document.hidden || item === null ? null : now;
}

const ask = (what, body) => asked(what, { name, ...body }, GONE);

/** Do one thing with the server at a time; what goes wrong is said, and the item stays. */
async function alone(work) {
  if (busy) return;
  busy = true;
  try {
    await work();
    complain("");
  } catch (error) {
    complain(error.message);
  } finally {
    busy = false;
  }
}

function answer(said) {
  return alone(async () => {
    inSight();
    try {
      show(await ask("answer", { item: item.item, said, seconds: looked / 1000 }));
    } catch (error) {
      if (error.status === 409) show(await ask("next", {}));
      throw error;
    }
  });
}

function back() {
  return alone(async () => show(await ask("back", { item: item === null ? null : item.item })));
}

function show(found) {
  byId("enter").hidden = true;
  byId("who").replaceChildren(text(name));
  item = found.rest ? null : found;
  looked = 0;
  since = null;
  inSight();
  byId("work").hidden = item === null;
  byId("rest").hidden = item !== null;
  if (item === null) {
    const [title, more] = RESTS[found.rest];
    byId("progress").replaceChildren();
    byId("rest").replaceChildren(el("h1", {}, title), el("p", {}, more));
  } else {
    showItem();
  }
  document.documentElement.dataset.item = item === null ? found.rest : String(item.item);
}

function showItem() {
  byId("progress").replaceChildren(text(`${item.answered} of ${item.of} answered`));
  const turns = item.turns.flatMap((turn) => [said(turn.user, "said user"), said(turn.assistant, "said assistant")]);
  const opening = item.opening ? [said(item.opening, "said assistant")] : [];
  byId("context").replaceChildren(el("h2", {}, item.wanted ? "The dialogue" : "The dialogue so far"), ...opening, ...turns);
  byId("context").scrollTop = byId("context").scrollHeight;
  byId("truth").hidden = item.truth === null;
  if (item.truth !== null) byId("truth").replaceChildren(el("h2", {}, "What the user really said next"), said(item.truth));
  const lists = item.wanted
    ? [list("What the user wants", item.wanted)]
    : item.background
    ? [list("Who you are", [item.background]), list("The chatbot's response", [item.suggestion]), list("What scores mean", item.levels)]
    : item.first
    ? [list("First", item.first), list("Second", item.second)]
    : [list("Prediction", [item.suggestion])];
  byId("shown").replaceChildren(...lists);
  byId("question").replaceChildren(text(item.question ?? (item.first ? LISTS_QUESTION : SCORE_QUESTION)));
  const buttons = choices().map((choice) =>
    el(
      "button",
      { type: "button", "aria-pressed": String(choice.said === item.given), onclick: () => answer(choice.said) },
      choice.label,
      " ",
      el("kbd", {}, choice.key),
    ),
  );
  byId("choices").replaceChildren(...buttons);
  document.documentElement.lang = item.language.slice(0, 2) === "zh" ? "zh" : "en";
}

function choices() {
  if (item.wanted) return CLAIMED;
  if (item.background) return OPINIONS;
  return item.first ? LISTS : SCORES;
}

function list(title, texts) {
  const lines = texts.length ? el("ol", {}, texts.map((each) => el("li", {}, said(each)))) : el("p", { class: "soft" }, "No prediction.");
  return el("section", { class: "list", "aria-label": title }, el("h2", {}, title), lines);
}

function share(value) {
  return value === null || value === undefined ? "–" : value.toFixed(2);
}

/** How far people agree, of all batches and of those that pass the gate; nothing of who won. */
function showAgreement(found) {
  const kind = found.pairwise
    ? [["agreement", "agreement"], ["κ", "kappa"], ["AC1", "ac1"]]
    : [["same score", "agreement"], ["κ, weighted", "weighted_kappa"], ["α", "alpha"], ["mean difference", "difference"]];
  const cells = (row) => kind.map(([, name]) => el("td", {}, share(row[name]) + (name === "kappa" ? interval(row) : "")));
  const rows = found.batches.map((row) =>
    el("tr", {}, el("td", {}, `Batch ${row.batch}${row.valid === false ? " (below the gate)" : ""}`), cells(row), el("td", {}, row.undecided)),
  );
  const all = el("tr", { class: "all" }, el("td", {}, "All batches"), cells(found.all), el("td"));
  const gated = found.gated && el("tr", { class: "gated" }, el("td", {}, `Gated: agreement ≥ ${found.gate}`), cells(found.gated), el("td"));
  const head = el("tr", {}, el("th", {}, "Both done"), kind.map(([title]) => el("th", {}, title)), el("th", {}, "open for a third"));
  const dialog = byId("agreement");
  dialog.replaceChildren(
    el("h1", {}, "How far the two annotators of a batch agree"),
    el("table", {}, head, rows, all, gated),
    el("p", { class: "soft" }, `Batches not finished yet: ${found.batches_open}. Gated numbers select by the outcome: read both.`),
    el("form", { method: "dialog" }, el("button", {}, "Close")),
  );
  if (!dialog.open) dialog.showModal();
}

function interval(row) {
  return row.kappa_interval ? ` [${row.kappa_interval.map(share).join(", ")}]` : "";
}

const agreement = () => alone(async () => showAgreement(await ask("agreement", {})));

function showHelp() {
  const known = [
    ["1 ←", "the first list is nearer"],
    ["0 ↓", "tie"],
    ["2 →", "the second list is nearer"],
    ["0 … 9, t", "scores of a single prediction: 0.0 … 0.9, 1.0"],
    ["1 … 5", "scores of a chatbot's response"],
    ["y, n", "yes or no to a question about a whole dialogue"],
    ["u", "back to what you answered before"],
    ["g", "agreement"],
    ["?", "this list"],
  ];
  byId("help").replaceChildren(
    el("h1", {}, "Keys"),
    el("dl", {}, known.map(([keys, meaning]) => [el("dt", {}, el("kbd", {}, keys)), el("dd", {}, meaning)])),
    el("form", { method: "dialog" }, el("button", {}, "Close")),
  );
  byId("help").showModal();
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (document.querySelector("dialog[open]") || event.target.matches("input")) return;
  const choice = item === null ? undefined : choices().find(({ keys }) => keys.includes(event.key));
  const other = { u: back, g: agreement, "?": showHelp }[event.key];
  if (name === "" || !(choice || other)) return;
  event.preventDefault();
  if (choice) answer(choice.said);
  else other();
}

function begin() {
  byId("help-button").addEventListener("click", showHelp);
  byId("agreement-button").addEventListener("click", () => name && agreement());
  document.addEventListener("keydown", pressed);
  document.addEventListener("visibilitychange", inSight);
  byId("enter").addEventListener("submit", (event) => {
    event.preventDefault();
    name = byId("name").value;
    alone(async () => {
      try {
        show(await ask("next", {}));
        sessionStorage.setItem("name", name);
      } catch (error) {
        name = "";
        throw error;
      }
    });
  });
  byId("enter").hidden = name !== "";
  if (name === "") byId("name").focus();
  else alone(async () => show(await ask("next", {})));
  document.documentElement.dataset.ready = "true";
}

begin();
