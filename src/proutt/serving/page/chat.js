// The chat: what is said, the assistant's answers as they come, and after each the suggestions. Suggestions never stand
// in the way: whoever writes on ends their making.

import { Chips, spoken, whyNone } from "/chips.js";
import { Composer } from "/composer.js";
import { forget, keep, kept } from "/kept.js";
import { MessageView } from "/messages.js";
import { answerTo, sound, suggestionsFor, tell } from "/service.js";
import { drawTree, grown, light } from "/tree.js";

export class Chat {
  constructor(config) {
    this.config = config;
    this.answering = null; // AbortController of the answer under way
    this.suggesting = null; // and of the suggestions
    this.partial = []; // suggestions that have come before the answer is whole
    this.chips = new Chips(byId("next"), {
      onPick: (index) => this.composer.pick(index),
      onLook: (index) => light(byId("tree"), index),
    });
    this.composer = new Composer({
      shown: () => this.suggestions,
      onSend: (words) => this.send(words),
      onSuggests: () => this.switched(),
    });
    byId("stop").addEventListener("click", () => {
      this.answering?.abort();
      this.composer.focus();
    });
    byId("anew").addEventListener("click", () => this.anew());
    for (const each of kept.messages) this.add(each);
    this.drawNext();
    this.refresh();
    if (this.owed) this.failed("The answer was broken off.");
    else if (kept.messages.length && !kept.next) this.suggest();
  }

  get rounds() {
    return kept.messages.filter(({ role }) => role === "assistant").length;
  }

  /** Whether the last word is the user's. */
  get owed() {
    return kept.messages.at(-1)?.role === "user";
  }

  get suggestions() {
    return kept.next?.suggestions ?? this.partial;
  }

  send(words) {
    if (this.answering || !words.trim()) return;
    if (this.owed) {
      // An answer is owed to the last message: what is added belongs to it.
      const last = kept.messages.at(-1);
      last.content += `\n\n${words}`;
      this.last.set(last.content);
    } else {
      this.feedback(words);
      this.suggesting?.abort();
      kept.before = kept.next?.tree ?? kept.before;
      kept.messages.push({ role: "user", content: words });
      this.add(kept.messages.at(-1));
    }
    kept.next = null;
    this.partial = [];
    this.chips.clear();
    document.documentElement.dataset.suggestions = "none";
    const { focused } = this.composer;
    this.composer.write("", null);
    if (focused) this.composer.focus();
    else this.last.node.focus({ preventScroll: true });
    this.answer();
  }

  /** Tell the service what became of its suggestions, where it keeps that. */
  async feedback(words) {
    if (!this.config.feedback || !kept.next?.suggestions.length) return;
    const { id, suggestions } = kept.next;
    const taken = suggestions.findIndex((each) => each.text === kept.picked);
    try {
      await tell({
        id,
        shown: suggestions.map((_, index) => index),
        taken: taken < 0 ? null : taken,
        sent: sound(words),
      });
    } catch (error) {
      byId("feedback-note").replaceChildren(text(`What you did with the suggestions was not kept: ${error.message}`));
    }
  }

  async answer() {
    const ending = new AbortController();
    const view = new MessageView("assistant", "");
    let soFar = "";
    this.answering = ending;
    byId("trouble").replaceChildren();
    byId("messages").append(view.node);
    view.node.classList.add("coming");
    this.refresh();
    this.toEnd(true);
    let trouble = null;
    let finish = "stop";
    try {
      const done = await answerTo(kept.messages, ending.signal, (words) => {
        soFar = words;
        view.grow(words);
        this.toEnd();
      });
      soFar = done.text;
      finish = done.finish;
      if (!soFar.trim()) trouble = "The assistant said nothing.";
    } catch (error) {
      if (ending.signal.aborted) finish = "stopped";
      else trouble = error.message;
    }
    if (this.answering !== ending) return view.node.remove(); // a new chat has begun
    this.answering = null;
    view.node.classList.remove("coming");
    if (trouble || !soFar.trim()) {
      view.node.remove();
      this.failed(trouble ?? "Stopped.");
    } else {
      const note = { stopped: "Stopped here.", length: "Cut off: the answer reached the service’s limit." }[finish] ?? null;
      kept.messages.push({ role: "assistant", content: soFar, note });
      view.set(soFar);
      view.remark(note);
      byId("heard-answer").replaceChildren(text(`Assistant: ${soFar}`));
    }
    keep();
    this.refresh();
    this.toEnd();
    if (!this.owed) this.suggest();
  }

  failed(words) {
    const again = () => {
      this.composer.focus();
      this.answer();
    };
    byId("trouble").replaceChildren();
    put(byId("trouble"), el("span", {}, words), " ", el("button", { type: "button", onclick: again }, "Try again"));
  }

  async suggest() {
    this.suggesting?.abort();
    if (!kept.suggests) return;
    const ending = new AbortController();
    this.suggesting = ending;
    this.partial = [];
    this.chips.show([]);
    this.chips.wait();
    document.documentElement.dataset.suggestions = "coming";
    this.toEnd();
    try {
      const found = await suggestionsFor(kept.messages, ending.signal, (early) => {
        if (ending.signal.aborted) return;
        this.partial = early;
        this.chips.show(early);
        this.toEnd();
      });
      if (ending.signal.aborted) return;
      kept.next = found;
      this.partial = [];
      keep();
      const fresh = this.drawNext();
      const grew = fresh && found.tree ? ` Intent tree: ${fresh} new.` : "";
      const heard = (found.suggestions.length ? spoken(found.suggestions, kept.digits) : whyNone(found)) + grew;
      byId("heard-suggestions").replaceChildren(text(heard));
    } catch (error) {
      if (ending.signal.aborted) return;
      this.chips.say(`No suggestions: ${error.message}`, () => this.suggest());
      document.documentElement.dataset.suggestions = "failed";
      byId("heard-suggestions").replaceChildren(text(`No suggestions: ${error.message}`));
    }
    this.toEnd();
  }

  switched() {
    if (kept.suggests) {
      if (!this.owed && kept.messages.length) this.suggest();
      return;
    }
    this.suggesting?.abort();
    kept.next = null;
    this.partial = [];
    keep();
    this.chips.clear();
    this.drawNext();
  }

  drawNext() {
    const found = kept.next;
    document.documentElement.dataset.suggestions = found ? String(found.suggestions.length) : "none";
    if (found) {
      this.chips.show(found.suggestions);
      const late = found.suggestions.length && found.reason === "timeout" ? "Time was up: there might have been more." : "";
      // The same chat gets the same answer of a model that draws by seed: asking again helps against time alone.
      const again = !found.suggestions.length && found.reason === "timeout" ? () => this.suggest() : null;
      this.chips.say(found.suggestions.length ? late : whyNone(found), again);
      if (found.language !== "und") byId("messages").lang = found.language;
    }
    return this.drawTree();
  }

  /** Draw the chat's tree; how much of it is new. */
  drawTree() {
    if (byId("chat").hidden) return 0; // the panel is the other view's
    const found = kept.next;
    const before = this.rounds === 1 ? null : kept.before;
    const tree = found?.tree ?? (found ? null : kept.before);
    const fresh = found?.tree ? before : tree; // a tree of the turn before has nothing new
    const topics = grown(tree, fresh, this.rounds, found?.suggestions.map(({ path }) => path) ?? []);
    return drawTree(byId("tree"), topics, this.treeless(found));
  }

  treeless(found) {
    if (!found) return "It grows here with what you say: topics, what you want to know or have of them, and values.";
    return found.suggestions.length
      ? `These suggestions came without a tree (method ${this.config.method}).`
      : "No tree came with this answer.";
  }

  anew() {
    this.suggesting?.abort();
    const answering = this.answering;
    this.answering = null;
    answering?.abort();
    forget();
    this.partial = [];
    byId("messages").replaceChildren();
    byId("trouble").replaceChildren();
    this.composer.write("", null);
    this.chips.clear();
    this.drawNext();
    this.refresh();
    this.composer.focus();
  }

  add({ role, content, note }) {
    this.last = new MessageView(role, content, { note });
    byId("messages").append(this.last.node);
  }

  refresh() {
    byId("welcome").hidden = kept.messages.length > 0;
    byId("messages").hidden = kept.messages.length === 0;
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
