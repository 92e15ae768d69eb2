// The chat that finds out what you want (SynPT's agent workflow): each reply answers what is known, then asks for one
// thing with options as buttons; in the end a summary as a card, and a button that has it done.

import { spoken } from "/chips.js";
import { keep, kept } from "/kept.js";
import { MessageView } from "/messages.js";
import { askFor } from "/service.js";
import { Talk } from "/talk.js";
import { drawWants, summaryCard, taskOf } from "/wants.js";

export class AskingChat extends Talk {
  panel = { title: "What you want", label: "The task, what is known of it, and what is missing" };
  understood = null; // what the answer under way is based on
  old = null; // the state before the last one: what is new is told by it

  constructor(config) {
    super(config, "Options");
    byId("suggests-label").hidden = true;
    for (const each of document.querySelectorAll(".choice")) each.replaceChildren("an option");
    for (const each of document.querySelectorAll(".most")) each.replaceChildren("3");
    byId("messages").lang = config.tasks[0].language;
    const names = config.tasks.map(({ name, language }) => el("li", { dir: "auto", lang: language }, name));
    byId("welcome-tasks").replaceChildren(...names);
    this.begin();
  }

  /** State of the last answer; null where there is none. */
  get state() {
    return kept.reply?.state ?? null;
  }

  /** Whether the last answer's state is summed up, so that it can be done. */
  get ready() {
    return Boolean(this.state?.task) && !this.state.question;
  }

  get choices() {
    return this.owed || this.answering ? [] : (kept.reply?.options ?? []).map((option) => ({ text: option }));
  }

  /** Half an answer has no question, and its state is not known. */
  get keepsPieces() {
    return false;
  }

  asked(signal, heard, execute = false) {
    const understood = (state) => {
      this.understood = state;
      this.drawTree();
    };
    const ask = (state) => askFor(kept.messages, state, execute, signal, { heard, understood });
    return ask(this.state).catch((error) => {
      // A service that was started with other tasks can't take the state up: it reads the chat.
      if (error.code !== "state" || execute) throw error;
      kept.reply = null;
      return ask(null);
    });
  }

  messageOf({ kind, text: content, answer, question, summary, state }) {
    const task = taskOf(this.config.tasks, state);
    if (!summary || !task) return { role: "assistant", content, answer, question, done: kind === "done" };
    const named = task.intentions.filter(({ key }) => Object.hasOwn(summary, key));
    const rows = named.map(({ key, name }) => [name, summary[key]]);
    const left = task.intentions.filter(({ key }) => !Object.hasOwn(summary, key)).map(({ name }) => name);
    return { role: "assistant", content, answer, summary: { task: task.name, language: task.language, rows, left } };
  }

  viewOf({ role, content, note, answer, question, summary }) {
    const more = [];
    if (question) more.push(el("p", { class: "said question", dir: "auto" }, question));
    if (summary) {
      this.button?.parentElement.remove(); // only the last summary can be done
      this.button = el("button", { type: "button", class: "main", onclick: () => this.execute() }, "Do it");
      more.push(summaryCard(summary, this.button));
    }
    return new MessageView(role, answer ?? content, { note, more });
  }

  execute() {
    if (this.answering || this.owed || !this.ready) return;
    this.composer.focus();
    this.answer((signal, heard) => this.asked(signal, heard, true));
  }

  leaving() {
    this.old = this.state;
  }

  leftBehind() {
    this.understood = null;
    if (!kept.messages.length) this.old = this.button = null;
  }

  arrived(done) {
    this.understood = null;
    kept.reply = done;
    this.drawNext();
    const { options } = done;
    const heard = options.length ? spoken(this.choices, kept.digits, "option") : this.ready ? "It can be done now: button Do it." : "";
    byId("heard-suggestions").replaceChildren(text(heard));
  }

  refresh() {
    super.refresh();
    byId("welcome-asking").hidden = kept.messages.length > 0;
    byId("welcome").hidden = true;
    if (this.button) this.button.parentElement.hidden = !this.ready || this.owed || this.answering !== null;
  }

  drawNext() {
    const { choices } = this;
    document.documentElement.dataset.suggestions = String(choices.length);
    const task = taskOf(this.config.tasks, this.state);
    const asked = task?.intentions.find(({ key }) => key === kept.reply.ask);
    this.chips.call(asked ? `Options: ${asked.name}` : "Options");
    if (choices.length) this.chips.show(choices);
    else this.chips.clear();
    this.drawTree();
  }

  drawTree() {
    if (byId("chat").hidden) return; // the panel is the other view's
    const open = !this.understood && this.choices.length > 0;
    drawWants(byId("tree"), this.config.tasks, this.understood ?? this.state, this.old, open);
  }
}
