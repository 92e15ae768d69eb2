"use strict";
// How a page asks its server: with the key of its link, which no other page has.

const key = location.hash.slice(1);

/** What the server answers. Throws an error with the server's words and status; `gone` where there is no answer. */
async function asked(what, body, gone) {
  let answer;
  try {
    answer = await fetch(`/api/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Proutt-Key": key },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error(gone);
  }
  const found = await answer.json().catch(() => ({ error: gone }));
  if (!answer.ok) throw Object.assign(new Error(found.error), { status: answer.status });
  return found;
}

/** Say what went wrong; nothing where nothing did. */
function complain(what) {
  byId("problem").replaceChildren(text(what));
  byId("problem").hidden = what === "";
}
