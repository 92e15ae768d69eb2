"use strict";
// Two chats and a comparison. What people and bots wrote goes through text.js: text, never markup.
// The page knows Bot 1 and Bot 2, and nothing of what they are.

let ours = wordsOf(navigator.language);
let visit = null; // as the server said it
let began = false; // the participant has pressed Begin, or has been here before
let comparing = false;
const busy = [false, false]; // something is on its way to a bot, or from it
const trouble = ["", ""]; // what went wrong in a chat

const ask = (what, body = {}) => asked(what, body, ours.gone);
const enough = () => visit.chats.every(({ turns }) => turns >= visit.least);

/** Do one thing in a chat at a time; what goes wrong is said there, and what was said stays. */
async function inChat(at, work) {
  if (busy[at]) return;
  busy[at] = true;
  trouble[at] = "";
  show();
  try {
    await work();
  } catch (error) {
    trouble[at] = error.status === 503 ? ours.failed(at + 1) : error.message;
  } finally {
    busy[at] = false;
    show();
  }
}

async function replied(at) {
  if (visit.chats[at].awaits_bot) visit.chats[at] = (await ask("reply", { bot: at + 1 })).chats[at];
}

function send(at) {
  const draft = byId(`draft-${at}`);
  const written = draft.value.trim();
  if (written === "" || visit.chats[at].awaits_bot) return undefined;
  return inChat(at, async () => {
    const chat = visit.chats[at];
    visit.chats[at] = (await ask("say", { bot: at + 1, at: chat.said.length, text: written })).chats[at];
    draft.value = "";
    show();
    await replied(at);
  });
}

function begin() {
  began = true;
  show();
  for (const at of [0, 1]) inChat(at, () => replied(at));
  byId("draft-0").focus();
}

/** The page as it now has to be. Fields that somebody writes in are made once and stay. */
function show() {
  const part = visit.judged ? "done" : !began ? "intro" : comparing ? "compare" : "chatting";
  for (const each of ["intro", "chatting", "compare", "done"]) byId(each).hidden = each !== part;
  byId("compare-button").hidden = part !== "chatting" || !enough();
  byId("hint").replaceChildren(text(enough() ? ours.enough : ours.more(visit.least)));
  for (const at of [0, 1]) showChat(at);
  document.documentElement.dataset.part = part;
}

function showChat(at) {
  const chat = visit.chats[at];
  const messages = byId(`messages-${at}`);
  for (const each of chat.said.slice(messages.childElementCount)) {
    const bot = (messages.childElementCount % 2 === 0) === chat.greets;
    const who = el("span", { class: "unseen" }, bot ? ours.bot(at + 1) : ours.you, ": ");
    messages.append(el("div", { class: `message ${bot ? "bot" : "you"}` }, who, said(each)));
    messages.scrollTop = messages.scrollHeight;
  }
  const state = byId(`state-${at}`);
  const waits = busy[at] && chat.awaits_bot;
  const told = trouble[at] || (waits ? ours.writing(at + 1) : chat.full ? ours.full : chat.said.length ? "" : ours.first);
  const again = trouble[at] && chat.awaits_bot;
  state.className = `state ${trouble[at] ? "bad" : "soft"}`;
  state.replaceChildren(
    text(told),
    ...(again ? [text(" "), el("button", { type: "button", onclick: () => inChat(at, () => replied(at)) }, ours.again)] : []),
  );
  byId(`turns-${at}`).replaceChildren(text(ours.turns(chat.turns, visit.least)));
  byId(`send-${at}`).disabled = busy[at] || chat.awaits_bot || chat.full;
  document.documentElement.dataset[`chat${at + 1}`] = `${chat.said.length}${busy[at] ? " busy" : ""}`;
}

function onlyOn(at) {
  byId("chats").dataset.shown = String(at);
  for (const [other, button] of [...byId("which").children].entries()) button.setAttribute("aria-pressed", String(other === at));
}

function compare(back) {
  comparing = !back;
  show();
  const heading = byId(back ? "draft-0" : "comparing");
  heading.focus();
}

async function judge(event) {
  event.preventDefault();
  const given = new FormData(byId("compare"));
  const preferred = Object.fromEntries(Object.keys(ours.questions).map((aspect) => [aspect, given.get(aspect)]));
  try {
    visit = await ask("judge", { preferred, words: given.get("words") });
    complain("");
  } catch (error) {
    complain(error.message);
  }
  show();
  if (visit.judged) byId("thanks").focus();
}

/** Everything but what was said, once. */
function build() {
  document.documentElement.lang = visit.language.slice(0, 2) === "zh" ? "zh" : "en";
  document.title = ours.title;
  byId("brand").replaceChildren(text(ours.title));
  byId("both").replaceChildren(text(ours.title));
  byId("compare-button").replaceChildren(text(ours.compare));
  const steps = el("ul", {}, ours.steps(visit.least).map((step) => el("li", {}, step)));
  put(byId("intro"), el("h1", {}, ours.intro), steps, el("button", { id: "begin", type: "button", class: "main", onclick: begin }, ours.begin));
  byId("which").setAttribute("aria-label", ours.which);
  for (const at of [0, 1]) {
    put(byId("which"), el("button", { type: "button", onclick: () => onlyOn(at) }, ours.bot(at + 1)));
    put(byId("chats"), chatOf(at));
  }
  onlyOn(0);
  put(byId("compare"), el("h1", { id: "comparing", tabindex: "-1" }, ours.comparing), Object.entries(ours.questions).map(question));
  put(byId("compare"), el("label", { class: "words" }, ours.words, el("textarea", { name: "words", maxlength: visit.most_chars })));
  const submit = el("button", { class: "main" }, ours.submit);
  const back = el("button", { type: "button", onclick: () => compare(true) }, ours.back);
  put(byId("compare"), el("p", { class: "soft" }, ours.final), el("div", { class: "actions" }, submit, back));
  put(byId("done"), el("h1", { id: "thanks", tabindex: "-1" }, ours.done), el("p", {}, ours.closed));
  byId("compare-button").addEventListener("click", () => compare(false));
  byId("compare").addEventListener("submit", judge);
}

function chatOf(at) {
  const keyed = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send(at);
  };
  const draft = el("textarea", { id: `draft-${at}`, rows: "1", maxlength: visit.most_chars, "aria-label": ours.message(at + 1), onkeydown: keyed });
  return el(
    "section",
    { class: "chat", "aria-labelledby": `bot-${at}` },
    el("div", { class: "chat-head" }, el("h2", { id: `bot-${at}` }, ours.bot(at + 1)), el("span", { id: `turns-${at}`, class: "soft" })),
    el("div", { id: `messages-${at}`, class: "messages", role: "log", tabindex: "0", "aria-labelledby": `bot-${at}` }),
    el("p", { id: `state-${at}`, class: "state soft", role: "status" }),
    el("div", { class: "composer" }, draft, el("button", { id: `send-${at}`, type: "button", class: "main", onclick: () => send(at) }, ours.send)),
  );
}

function question([aspect, asks]) {
  const choices = [["first", ours.bot(1)], ["same", ours.same], ["second", ours.bot(2)]];
  const options = choices.map(([value, label]) =>
    el("label", {}, el("input", { type: "radio", name: aspect, value, required: true }), label),
  );
  return el("fieldset", {}, el("legend", {}, asks), el("div", { class: "options" }, options));
}

async function open() {
  try {
    visit = await ask("visit");
  } catch (error) {
    complain(error.message);
    return;
  }
  ours = wordsOf(visit.language);
  build();
  began = visit.begun;
  show();
  if (began && !visit.judged) for (const at of [0, 1]) inChat(at, () => replied(at));
}

open();
