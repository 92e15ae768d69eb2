// What is known of the task at work, in the panel: its intentions in their order, each with the user's words or missing.
// And the same as a card, when it is summed up. All of it is shown as text.

/** The task of a state among those of the service; null where there is none. */
export function taskOf(tasks, state) {
  return (state?.task && tasks.find(({ name }) => name === state.task)) || null;
}

/**
 * Draw the panel.
 *
 * state   {task, given, missing, ask} or null; before: the one before it, or null: what differs from it is new
 * open    whether `ask` is being asked for now
 */
export function drawWants(place, tasks, state, before, open) {
  const task = taskOf(tasks, state);
  if (!task) {
    byId("tree-count").replaceChildren();
    place.replaceChildren(el("p", { class: "soft small" }, "It grows here with what you say: the task, what you want of it, and what is missing."));
    return;
  }
  const given = Object.keys(state.given).length;
  byId("tree-count").replaceChildren(text(`${given} of ${task.intentions.length}`));
  const old = before?.task === state.task ? before.given : {};
  const marked = (key) => Object.hasOwn(state.given, key) && (!Object.hasOwn(old, key) || old[key] !== state.given[key]);
  place.replaceChildren(
    el("p", { class: "wants-task", dir: "auto", lang: task.language }, task.name),
    el(
      "dl",
      { class: "wants" },
      task.intentions.map((each) => row(each, state.given, open && state.ask === each.key, marked(each.key), task.language)),
    ),
  );
}

function row({ key, name, description }, given, asked, fresh, lang) {
  const known = Object.hasOwn(given, key);
  const value = known
    ? [el("span", { class: "label", dir: "auto", lang }, given[key]), fresh && el("span", { class: "tag" }, "new")]
    : el("span", { class: "soft" }, asked ? "asked now" : "missing");
  return el(
    "div",
    { class: ["want", known ? "given" : "missing", fresh && "fresh", asked && "asked"].filter(Boolean).join(" ") },
    el("dt", { dir: "auto", lang, title: description }, name),
    el("dd", {}, value),
  );
}

/** A summary as a card: {task, language, rows: [[name, value]], left: [name]}; below it `button`, where there is one. */
export function summaryCard({ task, language: lang, rows, left }, button) {
  return el(
    "div",
    { class: "card", role: "group", "aria-label": "What you want" },
    el("h4", { dir: "auto", lang }, task),
    el("dl", { class: "wants" }, rows.map(([name, value]) => el("div", { class: "want" }, el("dt", { dir: "auto", lang }, name), el("dd", { dir: "auto", lang }, value)))),
    left.length > 0 && el("p", { class: "soft small" }, "Left open: ", left.flatMap((name, index) => [index ? ", " : "", el("bdi", { lang }, name)])),
    button && el("p", { class: "card-foot" }, button, el("span", { class: "soft small" }, " or write what is to be different.")),
  );
}
