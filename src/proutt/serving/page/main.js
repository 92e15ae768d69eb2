// The page's start: what the service does, its key where it asks for one, and which of the two views is shown.

import { AskingChat } from "/asking.js";
import { Chat } from "/chat.js";
import { keep, kept } from "/kept.js";
import { Replay } from "/replay.js";
import { access, configuration, limits } from "/service.js";

const VIEWS = ["chat", "replay"];

async function begin() {
  access.key = kept.key;
  let config;
  try {
    config = await configuration();
  } catch (error) {
    if (error.status === 401) return askForKey(kept.key !== "");
    byId("problem").replaceChildren(text(error.message));
    byId("problem").hidden = false;
    return;
  }
  byId("problem").hidden = true;
  byId("door").hidden = true;
  byId("halves").hidden = false;
  limits.bodyBytes = config.limits.body_bytes;
  const asks = config.tasks.length > 0;
  kept.sends ??= asks; // an option answers a question; a suggestion is read before it is sent
  byId("models").replaceChildren(text(modelsOf(config, asks)));
  if (config.feedback && !asks) {
    byId("feedback-note").replaceChildren(
      text("This service keeps, on its own machine, which suggestions you are shown and take, what you send then, and the chat before it."),
    );
    byId("feedback-note").hidden = false;
  }
  if (!matchMedia("(min-width: 60rem)").matches) byId("tree-box").open = false;
  const views = { chat: asks ? new AskingChat(config) : new Chat(config), replay: new Replay(config) };
  const turn = () => show(views);
  addEventListener("hashchange", turn);
  turn();
  document.documentElement.dataset.ready = "true";
}

function modelsOf({ model, assistant, method }, asks) {
  if (asks) return assistant === model ? model : `${model} asks, ${assistant} answers`;
  return `${model} by method ${method}${assistant === model ? "" : `, chat by ${assistant}`}`;
}

function show(views) {
  const asked = location.hash.slice(1);
  const name = VIEWS.includes(asked) ? asked : VIEWS[0];
  for (const each of VIEWS) byId(each).hidden = each !== name;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  byId("tree-title").replaceChildren(text(views[name].panel.title));
  byId("tree").setAttribute("aria-label", views[name].panel.label);
  views[name].drawTree();
  if (name === "chat") {
    views.chat.toEnd(true);
    if (matchMedia("(hover: hover)").matches) byId("draft").focus({ preventScroll: true });
  }
}

function askForKey(wrong) {
  byId("door").hidden = false;
  byId("key").focus();
  if (wrong) {
    byId("problem").replaceChildren(text("The service does not know this key."));
    byId("problem").hidden = false;
  }
}

byId("door").addEventListener("submit", (event) => {
  event.preventDefault();
  kept.key = byId("key").value.trim();
  keep();
  begin();
});

begin();
