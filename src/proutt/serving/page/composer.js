// The box in which a message is written: by hand, out of a chip, or by the keys 1–4; and the switches below it.

import { keep, kept } from "/kept.js";

export class Composer {
  /** shown(): the suggestions that are shown. onSend(words), onSuggests() hear of a message and of the switch. */
  constructor({ shown, onSend, onSuggests }) {
    Object.assign(this, { shown, onSend });
    this.draft = byId("draft");
    this.draft.value = kept.draft;
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      onSend(this.draft.value);
    });
    this.draft.addEventListener("keydown", (event) => this.typed(event));
    this.draft.addEventListener("input", () => this.write(this.draft.value, this.draft.value.trim() ? kept.picked : null));
    document.addEventListener("keydown", (event) => this.pressed(event));
    for (const name of ["sends", "digits", "suggests"]) {
      const box = byId(name);
      box.checked = kept[name];
      box.addEventListener("change", () => {
        kept[name] = box.checked;
        keep();
        if (name === "suggests") onSuggests();
      });
    }
  }

  /** Whether the focus is here, so that it stays here when a message goes. */
  get focused() {
    return document.activeElement === this.draft || document.activeElement === byId("send");
  }

  focus() {
    this.draft.focus();
  }

  typed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.onSend(this.draft.value);
    } else if (event.key === "Escape" && kept.picked !== null) {
      this.write("", null);
    }
  }

  /** Keys 1–4. In a box with words they are digits; in the empty box they only ever fill it. */
  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (!kept.digits || byId("chat").hidden || !/^[1-4]$/.test(event.key)) return;
    const inBox = event.target === this.draft;
    if (inBox && this.draft.value !== "") return;
    if (!inBox && event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    const index = Number(event.key) - 1;
    if (index >= this.shown().length) return;
    event.preventDefault();
    this.pick(index, kept.sends && !inBox);
  }

  pick(index, sends = kept.sends) {
    const { text: said } = this.shown()[index];
    if (sends) {
      kept.picked = said;
      this.onSend(said);
    } else {
      this.write(said, said);
      this.draft.focus();
      this.draft.setSelectionRange(said.length, said.length);
    }
  }

  /** Put words into the box. picked: the suggestion that they began as, or null. */
  write(words, picked) {
    if (this.draft.value !== words) this.draft.value = words;
    Object.assign(kept, { draft: words, picked });
    keep();
  }
}
