// One message as it stands on the page, with who said it for those who listen.

const WHO = { user: "You", assistant: "Assistant" };

export class MessageView {
  /** more: nodes that stand below what is said. */
  constructor(role, content, { who = WHO[role], note = null, lang = null, more = [] } = {}) {
    this.said = el("div", { class: "said", dir: "auto", lang }, content);
    this.note = el("p", { class: "soft small message-note", hidden: true });
    this.node = el("div", { class: `message ${role}`, tabindex: "-1" }, el("h3", { class: "unseen" }, who), this.said, more, this.note);
    this.waiting = null;
    this.remark(note);
  }

  /** Show so much of a text that is coming; no more often than the screen can. */
  grow(content) {
    const first = this.waiting === null;
    this.waiting = content;
    if (first) {
      requestAnimationFrame(() => {
        if (this.waiting !== null) this.said.replaceChildren(text(this.waiting));
        this.waiting = null;
      });
    }
  }

  /** Show the whole text. */
  set(content) {
    this.waiting = null;
    this.said.replaceChildren(text(content));
  }

  remark(note) {
    this.note.hidden = !note;
    this.note.replaceChildren(text(note ?? ""));
  }
}
