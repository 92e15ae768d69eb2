// The chat with suggestions: what is said, the assistant's answers, and after each what the user may say next.
// Suggestions never stand in the way: whoever writes on ends their making.

import { spoken, whyNone } from "/chips.js";
import { keep, kept } from "/kept.js";
import { answerTo, sound, suggestionsFor, tell } from "/service.js";
import { Talk } from "/talk.js";
import { drawTree, grown, light } from "/tree.js";

export class Chat extends Talk {
  panel = { title: "Intent tree", label: "Topics, names and values" };
  suggesting = null; // AbortController of the suggestions under way
  partial = []; // suggestions that have come before the answer is whole

  constructor(config) {
    super(config, "Suggested next messages");
    this.begin();
    if (kept.messages.length && !kept.next && !this.owed) this.suggest();
  }

  get choices() {
    return kept.next?.suggestions ?? this.partial;
  }

  asked(signal, heard) {
    return answerTo(kept.messages, signal, heard);
  }

  leaving(words) {
    this.feedback(words);
    this.suggesting?.abort();
    kept.before = kept.next?.tree ?? kept.before;
  }

  leftBehind() {
    this.suggesting?.abort();
    kept.next = null;
    this.partial = [];
  }

  looked(index) {
    light(byId("tree"), index);
  }

  afterAnswer() {
    this.suggest();
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

  async suggest() {
    this.suggesting?.abort();
    if (!kept.suggests) return;
    const ending = new AbortController();
    this.suggesting = ending;
    this.partial = [];
    this.chips.show([]);
    this.chips.wait("Thinking of what you may say next …");
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
    this.leftBehind();
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
}
