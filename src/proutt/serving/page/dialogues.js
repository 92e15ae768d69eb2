// Dialogues out of a file that a person chose: the usual shapes, read here in the browser as `proutt dialogues` reads
// them (docs/dialogues.md); only that browsers sort an object’s keys that are whole numbers, as CrossWOZ’s ids. Pure.

const SPEAKERS = {
  user: ["user", "human", "usr", "prompter", "customer"],
  assistant: ["assistant", "gpt", "chatgpt", "bing", "bard", "sys", "bot", "ai", "model", "claude", "gemini"],
  system: ["system", "developer"],
  tool: ["tool", "tool_call", "tool_calls", "tool_response", "tool_result", "observation", "ipython", "function", "function_call", "function_response"],
};
const WHO = new Map(Object.entries(SPEAKERS).flatMap(([who, names]) => names.map((name) => [name, who])));
const LISTS = ["messages", "conversation", "conversations"];
const ROLES = ["role", "from", "speaker", "author"];
const TEXTS = ["content", "value", "text"];
const IDS = ["id", "conversation_id", "conversation_hash", "dialogue_id", "dialog_id", "session_id", "chat_id", "uuid"];
const INVISIBLE = /^[\p{Z}\p{Cc}\p{Cf}]*$/u;

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const found = (object, names) => names.find((name) => Object.hasOwn(object, name));

/**
 * The dialogues of a file: [{id, opening, turns: [{user, assistant}], last, system}].
 *
 * opening  what the assistant says before the user, or null; last: what the user says at the end without an answer, or null
 * Throws Error with a sentence for people where the file holds none.
 */
export function dialoguesIn(content, name) {
  const values = records(parsed(content.replace(/^\ufeff/, ""), name));
  const dialogues = [];
  let why = null;
  values.forEach(([id, value], index) => {
    try {
      dialogues.push(dialogue(value, id ?? String(index + 1)));
    } catch (error) {
      why ??= error.message;
    }
  });
  if (!dialogues.length) throw new Error(`${name} holds no dialogue: ${why ?? "it is empty."}`);
  return { dialogues, leftOut: values.length - dialogues.length, why };
}

function parsed(content, name) {
  if (!content.trim()) throw new Error(`${name} is empty.`);
  try {
    return JSON.parse(content);
  } catch (error) {
    const lines = content.split("\n").map((line, index) => [line.trim(), index + 1]).filter(([line]) => line);
    if (lines.length < 2 || !lines[0][0].endsWith("}")) throw new Error(`${name} is not JSON: ${error.message}.`);
    return lines.map(([line, number]) => {
      try {
        return JSON.parse(line);
      } catch (inner) {
        throw new Error(`${name}, line ${number}, is not JSON: ${inner.message}.`);
      }
    });
  }
}

/** [id or null, record] of everything that may be a dialogue. */
function records(value) {
  if (Array.isArray(value)) {
    const alone = value.length > 0 && isObject(value[0]) && found(value[0], ROLES) && !found(value[0], LISTS);
    return alone ? [[null, value]] : value.map((each) => [idOf(each), each]);
  }
  if (isObject(value) && !found(value, LISTS)) {
    const inner = Object.entries(value).filter(([, each]) => isObject(each) && found(each, LISTS));
    if (inner.length) return inner;
  }
  return [[idOf(value), value]];
}

function idOf(value) {
  const id = isObject(value) ? value[found(value, IDS)] : null;
  return typeof id === "string" || typeof id === "number" ? String(id) : null;
}

function dialogue(value, id) {
  const key = isObject(value) ? found(value, LISTS) : null;
  const list = Array.isArray(value) ? value : key && value[key];
  if (!Array.isArray(list)) throw new Error(`a dialogue is an object with "messages", or a list of messages.`);
  const spoken = list.map(message).filter(({ who, said }) => who !== "tool" && !INVISIBLE.test(said));
  const only = !spoken.some(({ who }) => who === "assistant");
  const firstUser = spoken.findIndex(({ who }) => who === "user");
  if (firstUser < 0) throw new Error("the user says nothing in it.");
  // Task-oriented corpora call the assistant "system".
  const talk = spoken.map((each, at) => (only && each.who === "system" && at > firstUser ? { ...each, who: "assistant" } : each));
  const system = talk.filter(({ who }) => who === "system").map(({ said }) => said);
  if (typeof value.system === "string") system.unshift(value.system);
  const joined = [];
  for (const each of talk.filter(({ who }) => who !== "system")) {
    const before = joined.at(-1);
    if (before?.who === each.who) before.said += `\n\n${each.said}`;
    else joined.push({ ...each });
  }
  const opening = joined[0].who === "assistant" ? joined.shift().said : null;
  const last = joined.at(-1).who === "user" ? joined.pop().said : null;
  const turns = [];
  for (let at = 0; at < joined.length; at += 2) turns.push({ user: joined[at].said, assistant: joined[at + 1].said });
  return { id, opening, turns, last, system: system.join("\n\n") || null };
}

function message(item, index) {
  const place = `message ${index + 1}`;
  if (!isObject(item)) throw new Error(`${place} is no object with a speaker and a text.`);
  const named = item[found(item, ROLES)];
  const role = isObject(named) ? named.role : named;
  const who = typeof role === "string" ? WHO.get(role.trim().toLowerCase()) : undefined;
  if (!who) throw new Error(`${place} is by ${(JSON.stringify(role) ?? "nobody").slice(0, 60)}, which is no known speaker.`);
  return { who, said: who === "tool" ? "" : textOf(item[found(item, TEXTS)], place) };
}

function textOf(content, place) {
  if (content === null || content === undefined) return "";
  if (typeof content === "string" || typeof content === "number") return String(content);
  const parts = isObject(content) ? content.parts : content;
  if (!Array.isArray(parts)) throw new Error(`the text of ${place} is neither text nor parts.`);
  return parts
    .map((part) => (typeof part === "string" ? part : isObject(part) ? (part.text?.value ?? part.text) : null))
    .filter((each) => typeof each === "string")
    .join("\n");
}

/** What is sent for the first k turns. */
export function messagesOf({ opening, turns, system }, k) {
  const said = (role, content) => ({ role, content });
  return [
    ...(system ? [said("system", system)] : []),
    ...(opening ? [said("assistant", opening)] : []),
    ...turns.slice(0, k).flatMap(({ user, assistant }) => [said("user", user), said("assistant", assistant)]),
  ];
}

/** What the user really said after turn k; null where nobody knows. */
export function truthAfter({ turns, last }, k) {
  return k < turns.length ? turns[k].user : last;
}
