// The service's own paths, asked as any other client would: JSON in, JSON or server-sent events out.

/** What the service, or the way to it, did not do. code: its slug; status: of HTTP, 0 where it was not reached. */
export class ServiceError extends Error {
  constructor(message, code, status, waitS = null) {
    super(message);
    Object.assign(this, { code, status, waitS });
  }
}

/** The key that requests show; empty where the service asks for none. */
export const access = { key: "" };

async function asked(method, path, body, signal) {
  const headers = access.key ? { Authorization: `Bearer ${access.key}` } : {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`/v1/${path}`, {
      method,
      headers,
      signal,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ServiceError("proutt serve does not answer. Is it still running?", "unreached", 0);
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  const waitS = Number(answer.headers.get("Retry-After")) || null;
  const again = waitS ? ` Try again in ${waitS} s.` : "";
  throw new ServiceError((told.error?.message ?? `HTTP ${answer.status}.`) + again, told.error?.code, answer.status, waitS);
}

export async function configuration() {
  return (await asked("GET", "config")).json();
}

/** Tell what became of suggestions; see docs/serve.md, "Feedback". */
export async function tell(feedback) {
  await asked("POST", "feedback", feedback);
}

/** The assistant's answer: `heard(text so far)` again and again, then {text, finish}. */
export async function answerTo(messages, signal, heard) {
  let text = "";
  for await (const [name, data] of events("chat", { messages: sent(messages), stream: true }, signal)) {
    if (name === "done") return data;
    if (name === "restart") text = "";
    if (name === "piece") text += data.text;
    heard(text);
  }
  throw broken();
}

/**
 * A reply of the agent workflow (docs/serve.md, "Tasks"): `heard(answer so far)` and `understood({task, given, missing,
 * ask})` as they come, then the whole answer.
 *
 * state: of the last answer, or null. execute: do the task that it sums up.
 */
export async function askFor(messages, state, execute, signal, { heard, understood }) {
  const size = state ? new Blob([JSON.stringify(state)]).size : 0;
  const shown = sent(messages, size);
  const users = (list) => list.filter(({ role }) => role === "user").length;
  const since = state && Math.max(0, state.since - users(messages) + users(shown)); // rounds that are not sent are not counted
  const body = { messages: shown, state: state && { ...state, since }, execute, stream: true };
  let answer = "";
  for await (const [name, data] of events("ask", body, signal)) {
    if (name === "done") return { ...data, state: { ...data.state, since: data.state.since + users(messages) - users(shown) } };
    if (name === "understood") understood(data);
    if (name === "restart") answer = "";
    if (name === "piece") heard((answer += data.text));
  }
  throw broken();
}

/** Suggestions and tree for a chat: `heard(suggestions so far)` as they come, then the whole answer. */
export async function suggestionsFor(messages, signal, heard) {
  const early = [];
  const body = { messages: sent(messages), tree: true, stream: true };
  for await (const [name, data] of events("suggestions", body, signal)) {
    if (name === "done") return data;
    if (name === "suggestion") {
      early[data.index] = data;
      heard([...early]);
    }
  }
  throw broken();
}

function broken() {
  return new ServiceError("The answer broke off.", "broken", 0);
}

async function* events(path, body, signal) {
  const answer = await asked("POST", path, body, signal);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    let read;
    try {
      read = await reader.read();
    } catch (error) {
      if (signal?.aborted) throw error;
      throw broken();
    }
    if (read.done) return;
    const parts = (rest + read.value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const [name, data] = event(part);
      if (name === "error") throw new ServiceError(data.message, data.code, 0);
      if (name) yield [name, data];
    }
  }
}

/** Name and data of one event. */
function event(part) {
  let name = "";
  const data = [];
  for (const line of part.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  return [name, name ? JSON.parse(data.join("\n")) : null];
}

/** Most bytes of a request's body, as the service says. */
export const limits = { bodyBytes: 2 ** 20 };

/** A text that the service takes: no NUL, no half of a character. */
export function sound(value) {
  return value.toWellFormed().replaceAll("\0", "");
}

/** The messages as the service takes them, without the oldest rounds where all, and `more` bytes, would be too large. */
function sent(messages, more = 0) {
  const all = messages.map(({ role, content }) => ({ role, content: sound(content) }));
  const sizes = all.map((each) => new Blob([JSON.stringify(each)]).size + 1);
  let total = sizes.reduce((sum, size) => sum + size, 200 + more);
  let first = 0;
  while (total > limits.bodyBytes && first < all.length - 2) {
    do total -= sizes[first++];
    while (first < all.length - 2 && all[first].role !== "user");
  }
  return all.slice(first);
}
