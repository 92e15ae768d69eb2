// The intent tree in its panel: topics, intent names, values. What this turn brought is marked; where a suggestion comes
// from bears its number, and what of its path the tree does not have yet is drawn dashed.

const wide = matchMedia("(min-width: 60rem)");

/** Labels that differ in case, width or spaces only are one. */
function folded(label) {
  return label.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim();
}

function own(object, name) {
  return object && Object.hasOwn(object, name) ? object[name] : undefined;
}

function branch(children, label, made) {
  const key = folded(label);
  if (!children.has(key)) {
    children.set(key, { label, fresh: false, proposed: false, along: [], ends: [], children: new Map(), ...made });
  }
  return children.get(key);
}

/**
 * The tree as nodes, with the paths of suggestions on it.
 *
 * tree    {topic: {name: {value, turn}}} or null; before: the one before it, or null where it is not known
 * rounds  of the chat: tells what is new where `before` does not
 * paths   {topic, attribute, value} or null of each suggestion, in order
 */
export function grown(tree, before, rounds, paths) {
  const topics = new Map();
  for (const [topic, leaves] of Object.entries(tree ?? {})) {
    const old = own(before, topic);
    const isNew = (was, turn) => (before ? was === undefined : rounds === 1 || turn === rounds);
    const turns = Object.values(leaves).map((leaf) => leaf.turn);
    const top = branch(topics, topic, { fresh: turns.length > 0 && turns.every((turn) => isNew(old, turn)) });
    for (const [name, leaf] of Object.entries(leaves)) {
      const was = own(old, name);
      const middle = branch(top.children, name, { fresh: isNew(was, leaf.turn) });
      if (leaf.value === null) continue;
      const same = was && was.value === leaf.value ? was : undefined;
      branch(middle.children, leaf.value, { fresh: isNew(same, leaf.turn) });
    }
  }
  paths.forEach((path, index) => {
    if (!path) return;
    let children = topics;
    let last = null;
    for (const label of [path.topic, path.attribute, path.value]) {
      if (label === null || label === undefined) break;
      last = branch(children, label, { proposed: true });
      last.along.push(index);
      children = last.children;
    }
    last?.ends.push(index);
  });
  return topics;
}

/** How many values and names without a value are new. */
export function freshLeaves(topics) {
  let count = 0;
  for (const topic of topics.values()) {
    for (const name of topic.children.values()) {
      const values = [...name.children.values()].filter((each) => !each.proposed);
      count += values.length ? values.filter((each) => each.fresh).length : Number(name.fresh);
    }
  }
  return count;
}

/** Draw nodes into a place; `why` stands there where there are none. Returns how many are new. */
export function drawTree(place, topics, why) {
  const fresh = freshLeaves(topics);
  byId("tree-count").replaceChildren(text(fresh ? `${fresh} new` : ""));
  if (!topics.size) {
    place.replaceChildren(el("p", { class: "soft small" }, why));
    return fresh;
  }
  const nodes = [...topics.values()];
  place.replaceChildren(
    el("ul", { class: "tree" }, nodes.map((topic) => item(topic, "topic", false))),
    legend(nodes),
  );
  return fresh;
}

const BELOW = { topic: "name", name: "value" };

function item(node, kind, told) {
  const marked = node.fresh && !told;
  const children = [...node.children.values()];
  return el(
    "li",
    {
      class: [kind, node.fresh && "fresh", node.proposed && "proposed"].filter(Boolean).join(" "),
      "data-along": node.along.length ? node.along.join(" ") : null,
    },
    el("span", { class: "label", dir: "auto" }, node.label),
    marked && el("span", { class: "tag" }, "new"),
    node.ends.map((index) => el("span", { class: "badge" }, el("span", { class: "unseen" }, "suggestion "), index + 1)),
    children.length > 0 && el("ul", { class: `${BELOW[kind]}s` }, children.map((each) => item(each, BELOW[kind], told || node.fresh))),
  );
}

function legend(nodes) {
  const every = nodes.flatMap(function all(node) {
    return [node, ...[...node.children.values()].flatMap(all)];
  });
  return el(
    "p",
    { class: "soft small legend" },
    every.some((node) => node.fresh) && el("span", {}, el("span", { class: "tag" }, "new"), " in this turn"),
    every.some((node) => node.ends.length) && el("span", {}, el("span", { class: "badge" }, "n"), " a suggestion’s path"),
    every.some((node) => node.proposed) && el("span", {}, el("span", { class: "proposed-sample" }, "dashed"), " not said yet"),
  );
}

/** Light up the path of a suggestion; null: of none. */
export function light(place, index) {
  let first = null;
  for (const node of place.querySelectorAll("[data-along]")) {
    const lit = index !== null && node.dataset.along.split(" ").includes(String(index));
    node.classList.toggle("lit", lit);
    if (lit) first ??= node;
  }
  if (first && wide.matches) first.scrollIntoView({ block: "nearest" });
}

/** A suggestion's perspective, sentence type, path and score as the children of one line; none where nothing is known. */
export function about({ perspective, sentence_type: type, path, score }) {
  const labels = path ? [path.topic, path.attribute, path.value].filter(Boolean) : [];
  // Each label in a direction of its own: from left to right the path reads the same in every script.
  const way = labels.flatMap((label, index) => [index ? " → " : "", el("bdi", {}, label)]);
  const sure = score === null || score === undefined ? null : `score ${score.toFixed(2)}`;
  return between([perspective, type, way, sure]);
}

/** The parts that are there, with dots between them. */
export function between(parts) {
  return parts.filter((part) => part && part.length !== 0).flatMap((part, index) => [index ? " · " : "", part]);
}
