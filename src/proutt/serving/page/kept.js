// What outlives a reload: the chat with its last suggestions, three switches and the key. All of it is the tab's and goes
// with it; nothing else is stored anywhere.

const NAME = "proutt-serve";

const NEW = {
  key: "",
  messages: [], // {role, content, note?}: note is why an answer is not whole
  next: null, // the last answer of /v1/suggestions
  reply: null, // the last answer of /v1/ask
  before: null, // the tree before it; null: not known
  draft: "",
  picked: null, // the suggestion that the draft began as, or null
  sends: null, // null: as suits the chat
  digits: true,
  suggests: true,
};

export const kept = { ...NEW, ...stored() };

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? "{}");
  } catch {
    return {};
  }
}

export function keep() {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(kept));
  } catch {
    // Full, or forbidden: the chat goes on, it only won't outlive a reload.
  }
}

/** A new chat; switches and key stay. */
export function forget() {
  const { key, sends, digits, suggests } = kept;
  Object.assign(kept, NEW, { messages: [], key, sends, digits, suggests });
  keep();
}
