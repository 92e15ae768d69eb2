// Text of dialogues and models is shown, never obeyed: it becomes text nodes, and characters that hide, turn round or
// end something are shown as their codes. Every word on this page goes through `text` or `plain`.

const CONTROL = /\r\n|(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

function code(char) {
  return "U+" + char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
}

/** The text for places that hold no elements (options, labels, titles): control characters as [U+202E]. */
function plain(value) {
  return String(value).replace(CONTROL, (char) => (char === "\r\n" ? "\n" : `[${code(char)}]`));
}

/** The text as nodes; each control character is an element of its own that shows its code. */
function text(value) {
  const whole = String(value);
  const nodes = document.createDocumentFragment();
  let end = 0;
  for (const found of whole.matchAll(CONTROL)) {
    nodes.append(whole.slice(end, found.index));
    end = found.index + found[0].length;
    if (found[0] === "\r\n") {
      nodes.append("\n");
    } else {
      const mark = document.createElement("span");
      mark.className = "control";
      mark.title = "control character, shown as its code";
      mark.textContent = code(found[0]);
      nodes.append(mark);
    }
  }
  nodes.append(whole.slice(end));
  return nodes;
}

/** An element. Attributes: `on…` are listeners, null and false are left out. Children: nodes, or anything as text. */
function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : plain(value));
  }
  return put(made, ...children);
}

/** Append children to an element; null, undefined and false are left out. */
function put(parent, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : text(child));
  }
  return parent;
}

/** A block of text that somebody wrote, in the direction of its own script, with its line breaks. */
function said(value, className = "said") {
  return el("div", { class: className, dir: "auto" }, value);
}

/** As `said`, its beginning only until the reader wants the rest; whole where the rest was searched for. */
function clipped(value, limit, className = "said") {
  if (value.length <= limit) return said(value, className);
  if (search.q && value.toLowerCase().includes(search.q, limit * 0.7)) return said(value, className);
  let cut = value.lastIndexOf(" ", limit);
  if (cut < limit * 0.7) cut = limit;
  // Never between the halves of a character.
  if (/[\uD800-\uDBFF]/.test(value[cut - 1])) cut -= 1;
  const block = said(value.slice(0, cut) + " …", className);
  const more = el(
    "button",
    {
      type: "button",
      class: "more",
      onclick: () => {
        const whole = said(value, className);
        holder.replaceChildren(whole);
        whole.tabIndex = -1;
        whole.focus({ preventScroll: true });
      },
    },
    `Show all ${count(value.length)} characters`,
  );
  const holder = el("div", {}, block, more);
  return holder;
}

const numbers = new Intl.NumberFormat("en");

function count(value) {
  return numbers.format(value);
}

function many(value, noun, nouns = `${noun}s`) {
  return `${count(value)} ${value === 1 ? noun : nouns}`;
}

function fixed(value, digits = 2) {
  return value === null || value === undefined
    ? "–"
    : new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

function percent(share) {
  return `${fixed(share * 100, share > 0 && share < 0.1 ? 1 : 0)}%`;
}

/** "chosen-below-tau-high" as words. */
function words(slug) {
  return String(slug).replaceAll("-", " ").replaceAll("tau high", "τ_high").replaceAll("tau low", "τ_low");
}

function byId(id) {
  return document.getElementById(id);
}
