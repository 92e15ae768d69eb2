// A dialogue that was held elsewhere, turn by turn: what is foreseen beside what the user really said. The file stays in
// the browser; the service is sent the turns before the one that is foreseen, as in any chat.

import { whyNone } from "/chips.js";
import { dialoguesIn, messagesOf, truthAfter } from "/dialogues.js";
import { likeness, mark } from "/likeness.js";
import { MessageView } from "/messages.js";
import { suggestionsFor } from "/service.js";
import { about, between, drawTree, grown, light } from "/tree.js";

const LARGEST = 50 * 2 ** 20; // bytes of a file
const MOST_LISTED = 500;
const TITLE = 60;

export class Replay {
  panel = { title: "Intent tree", label: "Topics, names and values" };

  constructor(config) {
    this.config = config;
    this.dialogues = [];
    this.steps = []; // of each k from 1: {found, best}
    this.looked = null; // the step whose tree is shown
    this.running = null;
    this.file = el("input", { type: "file", id: "file", accept: ".json,.jsonl,.ndjson,application/json", onchange: () => this.load() });
    this.which = el("select", { id: "which", onchange: () => this.begin() });
    this.told = el("p", { class: "trouble", role: "alert" });
    this.choice = el("p", { hidden: true }, el("label", { for: "which" }, "Dialogue"), " ", this.which);
    put(
      byId("replay-tools"),
      el("p", { class: "lead" }, "Would it have been foreseen?"),
      el("p", {}, "Open a dialogue that was held elsewhere: JSON or JSON Lines, as lists of messages, ShareGPT or CrossWOZ. The file stays in this browser; what is sent is the turns before the one to foresee."),
      el("p", {}, el("label", { for: "file" }, "File"), " ", this.file),
      this.told,
      this.choice,
    );
    this.onward = el("button", { type: "button", class: "main", onclick: () => this.run(1) }, "Foresee the next turn");
    this.all = el("button", { type: "button", onclick: () => this.run(Infinity) }, "To the end");
    this.halt = el("button", { type: "button", hidden: true, onclick: () => this.running?.abort() }, "Stop");
    this.tally = el("p", { class: "soft", role: "status" });
    this.trouble = el("p", { class: "trouble", role: "alert" });
    const key = el("p", { class: "soft small" }, "● near: at least half of the words are shared; ◐ partly: a quarter; ○ far. It counts words and judges nothing: the same wish in other words is far.");
    put(byId("replay-steps"), this.trouble, el("div", { class: "steps-bar" }, this.onward, this.all, this.halt), this.tally, key);
  }

  get dialogue() {
    return this.dialogues[this.which.selectedIndex];
  }

  async load() {
    const [file] = this.file.files;
    if (!file) return;
    this.running?.abort();
    this.told.replaceChildren();
    try {
      if (file.size > LARGEST) throw new Error(`${file.name} is larger than 50 MB. Take some dialogues out of it.`);
      const { dialogues, leftOut, why } = dialoguesIn(await file.text(), file.name);
      this.dialogues = dialogues.slice(0, MOST_LISTED);
      const more = dialogues.length - this.dialogues.length;
      const notes = [more && `${many(more, "dialogue")} more in the file are not listed.`, leftOut && `${many(leftOut, "record")} left out; the first: ${why}`];
      this.told.replaceChildren(text(notes.filter(Boolean).join(" ")));
    } catch (error) {
      this.dialogues = [];
      this.told.replaceChildren(text(error.message));
    }
    this.choice.hidden = !this.dialogues.length;
    this.which.replaceChildren(...this.dialogues.map((each) => el("option", {}, title(each))));
    this.begin();
  }

  /** The chosen dialogue from its start. */
  begin() {
    this.running?.abort();
    this.steps = [];
    this.looked = null;
    this.shown = 0;
    byId("replayed").replaceChildren();
    byId("replay-steps").hidden = !this.dialogue;
    if (this.dialogue) {
      if (this.dialogue.opening) this.message("assistant", this.dialogue.opening);
      if (this.dialogue.turns.length) this.message("user", this.dialogue.turns[0].user);
      this.answerOf(1);
    }
    this.refresh();
  }

  message(role, content) {
    byId("replayed").append(new MessageView(role, content, { who: role === "user" ? "User" : "Assistant" }).node);
  }

  answerOf(k) {
    const turn = this.dialogue.turns[k - 1];
    if (turn) this.message("assistant", turn.assistant);
    this.shown = k;
  }

  /** Whether there is a turn to foresee: one with an answer before it. */
  get more() {
    return this.dialogue && this.steps.length < this.dialogue.turns.length;
  }

  async run(times) {
    const ending = new AbortController();
    this.running = ending;
    this.trouble.replaceChildren();
    this.refresh();
    try {
      for (let done = 0; done < times && this.more && !ending.signal.aborted; done += 1) await this.step(ending.signal);
    } catch (error) {
      if (!ending.signal.aborted) this.trouble.replaceChildren(text(`${error.message} Go on when you like.`));
    }
    if (this.running === ending) this.running = null;
    this.refresh();
  }

  async step(signal) {
    const k = this.steps.length + 1;
    const { dialogue } = this;
    const card = new StepCard(k, () => {
      this.look(k);
      byId("tree-box").open = true;
      byId("tree-box").scrollIntoView({ block: "nearest" });
    });
    byId("replayed").append(card.node);
    card.node.scrollIntoView({ block: "nearest" });
    let found;
    try {
      found = await suggestionsFor(messagesOf(dialogue, k), signal, (early) => card.show(early, null));
    } catch (error) {
      card.node.remove();
      throw error;
    }
    if (signal.aborted) return card.node.remove();
    const truth = truthAfter(dialogue, k);
    const best = card.show(found.suggestions, truth, found);
    this.steps.push({ found, best, truth });
    this.look(k);
    this.answerOf(k + 1);
    card.node.scrollIntoView({ block: "nearest" });
  }

  /** Show the tree of a step. */
  look(k) {
    this.looked = k;
    for (const card of byId("replayed").querySelectorAll(".step")) card.classList.toggle("looked", card.dataset.k === String(k));
    this.drawTree();
  }

  drawTree() {
    const at = this.looked === null ? null : this.steps[this.looked - 1];
    const before = this.looked > 1 ? (this.steps[this.looked - 2].found.tree ?? null) : null;
    const topics = at ? grown(at.found.tree, before, this.looked, at.found.suggestions.map(({ path }) => path)) : new Map();
    drawTree(byId("tree"), topics, at ? `This turn came without a tree (method ${this.config.method}).` : "It grows here turn by turn.");
  }

  refresh() {
    const busy = this.running !== null;
    this.onward.hidden = this.all.hidden = busy || !this.more;
    this.halt.hidden = !busy;
    const known = this.steps.filter(({ truth }) => truth !== null);
    const near = known.filter(({ best }) => best === "near").length;
    const end = this.dialogue && !this.more && !busy ? " That was the last turn." : "";
    const none = this.dialogue && !this.dialogue.turns.length ? "The assistant says nothing in it, so there is nothing to foresee." : "";
    this.tally.replaceChildren(text(none || (known.length ? `Near in ${near} of ${many(known.length, "turn")}.${end}` : end.trim())));
    document.documentElement.dataset.replay = busy ? "running" : String(this.steps.length);
    if (!byId("replay").hidden) this.drawTree();
  }
}

/** What was foreseen after a turn, beside what was really said. */
class StepCard {
  constructor(k, onLook) {
    this.list = el("ol", { class: "foreseen" });
    this.why = el("p", { class: "soft small" }, "Foreseeing …");
    this.truth = el("div", { class: "truth" });
    this.tree = el("button", { type: "button", class: "quiet", onclick: onLook, hidden: true }, `Tree after turn ${k}`);
    this.onLook = onLook;
    this.node = el(
      "section",
      { class: "step", "data-k": k, "aria-label": `After turn ${k}` },
      el("div", { class: "foreseen-side" }, el("h3", {}, "Foreseen"), this.list, this.why, this.tree),
      el("div", { class: "truth-side" }, el("h3", {}, "Really said"), this.truth),
    );
  }

  /** Show suggestions; with the whole answer (`found`) the truth as well. Returns the best mark's name, or null. */
  show(suggestions, truth, found = null) {
    const shares = suggestions.map(({ text: said }) => (found && truth !== null ? likeness(said, truth) : null));
    const best = shares.length && found && truth !== null ? Math.max(...shares) : null;
    this.list.replaceChildren(...suggestions.map((each, index) => this.line(each, index, shares[index], best)));
    if (!found) return null;
    this.why.replaceChildren(text(suggestions.length ? "" : whyNone(found)));
    this.tree.hidden = !found.tree && !suggestions.some(({ path }) => path);
    this.truth.replaceChildren(truth === null ? el("p", { class: "soft" }, "The dialogue ends here.") : said(truth));
    return best === null ? null : mark(best).name;
  }

  line(suggestion, index, share, best) {
    const marked = share === null ? null : mark(share);
    const first = marked && share === best && share > 0;
    return el(
      "li",
      {
        class: first ? "best" : null,
        onmouseenter: () => this.node.classList.contains("looked") && light(byId("tree"), index),
        onmouseleave: () => light(byId("tree"), null),
      },
      said(suggestion.text),
      el(
        "p",
        { class: "soft small" },
        between([
          marked && el("span", { class: `mark ${marked.name}` }, el("span", { "aria-hidden": "true" }, marked.sign), " ", marked.words),
          about(suggestion),
        ]),
      ),
    );
  }
}

function title({ id, opening, turns, last }) {
  const words = [...(turns[0]?.user ?? last ?? opening ?? "").replace(/\s+/gu, " ").trim()];
  const short = words.length > TITLE ? `${words.slice(0, TITLE).join("")}…` : words.join("");
  return `${[...id].slice(0, 24).join("")}: ${short} (${many(turns.length, "turn")})`;
}
