// What every chat of this page does: messages are written and sent, answers come and can be stopped, and failed ones are
// asked for again. What is asked, and what stands below an answer, is the work of those who extend it.

import { Chips } from "/chips.js";
import { Composer } from "/composer.js";
import { forget, keep, kept } from "/kept.js";
import { MessageView } from "/messages.js";

export class Talk {
  /** label: what the choices below an answer are called. */
  constructor(config, label) {
    this.config = config;
    this.answering = null; // AbortController of the answer under way
    this.chips = new Chips(byId("next"), label, {
      onPick: (index) => this.composer.pick(index),
      onLook: (index) => this.looked(index),
    });
    this.composer = new Composer({
      shown: () => this.choices,
      onSend: (words) => this.send(words),
      onSuggests: () => this.switched(),
    });
    byId("stop").addEventListener("click", () => {
      this.answering?.abort();
      this.composer.focus();
    });
    byId("anew").addEventListener("click", () => this.anew());
    for (const each of kept.messages) this.add(each);
  }

  // What others say of themselves.

  /** The choices that are shown: [{text}]. */
  get choices() {
    return [];
  }

  /** Ask for the answer: {text, finish, ...}; heard(text so far) again and again. */
  async asked(_signal, _heard) {
    throw new Error("nobody to ask");
  }

  /** Whether so much of an answer as came before it was stopped is an answer. */
  get keepsPieces() {
    return true;
  }

  /** The message that an answer becomes. */
  messageOf({ text: content }) {
    return { role: "assistant", content };
  }

  leaving(_words) {} // the user's next message is about to be added
  leftBehind() {} // the choices of the answer before count no more
  arrived(_done, _message) {} // an answer is there
  looked(_index) {} // a choice is under the pointer or in focus
  switched() {} // the switch "Suggest" was turned
  drawNext() {} // draw what stands below the messages

  // What they share.

  get rounds() {
    return kept.messages.filter(({ role }) => role === "assistant").length;
  }

  /** Whether the last word is the user's. */
  get owed() {
    return kept.messages.at(-1)?.role === "user";
  }

  /** The first drawing, when the whole chat is set up. */
  begin() {
    this.drawNext();
    this.refresh();
    if (this.owed) this.failed("The answer was broken off.");
  }

  send(words) {
    if (this.answering || !words.trim()) return;
    if (this.owed) {
      // An answer is owed to the last message: what is added belongs to it.
      const last = kept.messages.at(-1);
      last.content += `\n\n${words}`;
      this.last.set(last.content);
    } else {
      this.leaving(words);
      kept.messages.push({ role: "user", content: words });
      this.add(kept.messages.at(-1));
    }
    this.leftBehind();
    this.chips.clear();
    document.documentElement.dataset.suggestions = "none";
    const { focused } = this.composer;
    this.composer.write("", null);
    if (focused) this.composer.focus();
    else this.last.node.focus({ preventScroll: true });
    this.answer();
  }

  /** ask(signal, heard): what is asked for, where it is not the answer to the last message. */
  async answer(ask = (signal, heard) => this.asked(signal, heard)) {
    const ending = new AbortController();
    const view = new MessageView("assistant", "");
    let done = { text: "", finish: "stop" };
    this.answering = ending;
    byId("trouble").replaceChildren();
    byId("messages").append(view.node);
    view.node.classList.add("coming");
    this.refresh();
    this.toEnd(true);
    let trouble = null;
    try {
      done = await ask(ending.signal, (words) => {
        done.text = words;
        view.grow(words);
        this.toEnd();
      });
      if (!done.text.trim()) trouble = "The assistant said nothing.";
    } catch (error) {
      if (ending.signal.aborted) done.finish = "stopped";
      else trouble = error.message;
    }
    view.node.remove();
    if (this.answering !== ending) return; // a new chat has begun
    this.answering = null;
    if (trouble || !done.text.trim() || (done.finish === "stopped" && !this.keepsPieces)) {
      this.failed(trouble ?? "Stopped.", ask);
    } else {
      const note = { stopped: "Stopped here.", length: "Cut off: the answer reached the service’s limit." }[done.finish] ?? null;
      const message = { ...this.messageOf(done), note };
      kept.messages.push(message);
      this.add(message);
      byId("heard-answer").replaceChildren(text(`Assistant: ${message.content}`));
      this.arrived(done, message);
    }
    keep();
    this.refresh();
    this.toEnd();
    if (!trouble && !this.owed) this.afterAnswer();
  }

  afterAnswer() {} // the chat is whole again: its last word is the assistant's

  /** Say what went wrong; `ask` is what is asked for once more. */
  failed(words, ask = undefined) {
    const again = () => {
      this.composer.focus();
      this.answer(ask);
    };
    byId("trouble").replaceChildren();
    put(byId("trouble"), el("span", {}, words), " ", el("button", { type: "button", onclick: again }, "Try again"));
  }

  anew() {
    const answering = this.answering;
    this.answering = null;
    answering?.abort();
    forget();
    this.leftBehind();
    byId("messages").replaceChildren();
    byId("trouble").replaceChildren();
    this.composer.write("", null);
    this.chips.clear();
    this.drawNext();
    this.refresh();
    this.composer.focus();
  }

  add(message) {
    this.last = this.viewOf(message);
    byId("messages").append(this.last.node);
  }

  viewOf({ role, content, note }) {
    return new MessageView(role, content, { note });
  }

  refresh() {
    byId("welcome").hidden = kept.messages.length > 0;
    byId("messages").hidden = kept.messages.length === 0 && this.answering === null;
    byId("send").hidden = this.answering !== null;
    byId("stop").hidden = this.answering === null;
    byId("messages").setAttribute("aria-busy", String(this.answering !== null));
    document.documentElement.dataset.chat = this.answering ? "answering" : "idle";
  }

  /** Keep the end in sight of somebody who is at the end. */
  toEnd(always = false) {
    if (byId("chat").hidden) return;
    const page = document.documentElement;
    const away = page.scrollHeight - page.scrollTop - page.clientHeight;
    if (always || away < 200) requestAnimationFrame(() => window.scrollTo({ top: page.scrollHeight }));
  }
}
