// Suggestions as buttons in a labelled group. They come one by one and keep their places, so that focus is never lost.

import { about } from "/tree.js";

const ANNOUNCED = 120; // characters of a suggestion that are read out; the button has all of it

/** What people are told of an empty list, by the answer's reason. */
const REASONS = {
  timeout: "No suggestion came in time.",
  unsure: "No suggestions: the model was not sure enough of any.",
  "left-out": "No suggestions: what the model proposed was left out",
  refused: "No suggestions: the model declined to propose any.",
  empty: "No suggestions: the model said nothing.",
  "no-suggestions": "No suggestions: the model’s answer held none.",
  "cut-off": "No suggestions: the model’s answer was cut off before any.",
  "unclosed-reasoning": "No suggestions: the model did not come to the end of its reasoning.",
  "context-too-long": "No suggestions: the chat is too long for the model.",
};

/** Why an answer has no suggestions, as a sentence. */
export function whyNone({ reason, left_out: leftOut = {} }) {
  const rules = Object.keys(leftOut).join(", ");
  if (reason === "left-out") return `${REASONS[reason]}${rules ? ` (${rules})` : ""}.`;
  return REASONS[reason] ?? `No suggestions (${reason ?? "no reason given"}).`;
}

/** What is read out of suggestions that have come. */
export function spoken(suggestions, digits, what = "suggestion") {
  const texts = suggestions.map(({ text: said }, index) => {
    const whole = [...said];
    return `${index + 1}: ${whole.length > ANNOUNCED ? `${whole.slice(0, ANNOUNCED).join("")} …` : said}`;
  });
  const keys = digits && suggestions.length > 1 ? `, keys 1 to ${Math.min(suggestions.length, 4)}` : "";
  return `${many(suggestions.length, what)}${keys}. ${texts.join("; ")}`;
}

export class Chips {
  /** place: where the group goes; label: its name. onPick(index), onLook(index or null) hear what is done with chips. */
  constructor(place, label, { onPick, onLook }) {
    Object.assign(this, { place, onPick, onLook, list: [] });
    this.items = el("ul", { class: "chips" });
    this.group = el("div", { role: "group", "aria-label": label }, this.items);
    this.line = el("p", { class: "soft small about-line", "aria-hidden": "true" });
    this.quiet = el("p", { class: "soft small quiet-line" });
    place.replaceChildren(this.group, this.line, this.quiet);
    this.clear();
  }

  clear() {
    this.show([]);
    this.place.hidden = true;
  }

  /** What the group is called from now on. */
  call(label) {
    this.group.setAttribute("aria-label", label);
  }

  /** They are being thought of. */
  wait(words) {
    this.place.hidden = false;
    this.quiet.replaceChildren(el("span", { class: "dots", "aria-hidden": "true" }), words);
  }

  /** A quiet line below the chips, or in their place; `again` asks once more. */
  say(words, again = null) {
    this.place.hidden = !words && !this.list.length;
    this.quiet.replaceChildren();
    put(this.quiet, words, again && [" ", el("button", { type: "button", class: "quiet", onclick: again }, "Ask again")]);
  }

  show(suggestions) {
    suggestions.forEach((suggestion, index) => {
      const old = this.items.children[index];
      if (old && this.list[index].text === suggestion.text) {
        const line = old.querySelector(".about");
        line.replaceChildren();
        put(line, about(suggestion));
      } else if (old) {
        const focused = old.contains(document.activeElement);
        old.replaceWith(this.chip(suggestion, index));
        if (focused) this.focus(index);
      } else {
        this.items.append(this.chip(suggestion, index));
      }
    });
    while (this.items.children.length > suggestions.length) this.items.lastElementChild.remove();
    this.list = suggestions;
    this.group.hidden = !suggestions.length;
    this.line.hidden = !suggestions.some((each) => about(each).length);
    this.line.replaceChildren();
    if (suggestions.length) this.place.hidden = false;
  }

  chip(suggestion, index) {
    const look = () => {
      this.line.replaceChildren();
      put(this.line, about(this.list[index] ?? suggestion));
      this.onLook(index);
    };
    const leave = () => {
      this.line.replaceChildren();
      this.onLook(null);
    };
    const button = el(
      "button",
      {
        type: "button",
        class: "chip",
        "aria-describedby": `about-${index}`,
        "aria-keyshortcuts": index < 4 ? String(index + 1) : null,
        onclick: () => this.onPick(index),
        onfocus: look,
        onblur: leave,
        onmouseenter: look,
        onmouseleave: leave,
      },
      el("kbd", { "aria-hidden": "true" }, index + 1),
      el("span", { class: "chip-text", dir: "auto" }, suggestion.text),
    );
    return el("li", {}, button, el("span", { class: "about", id: `about-${index}` }, about(suggestion)));
  }

  focus(index) {
    this.items.children[index]?.querySelector("button").focus();
  }
}
