// Small charts as inline SVG: drawn for the width they have, with a title and a description, and with their numbers in
// a table beside them.

const SVG = "http://www.w3.org/2000/svg";

function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  return put(made, ...children);
}

/** A figure that is drawn again when its width changes; `draw(width)` gives the SVG, `rows` its numbers. */
function figure(caption, draw, { head, rows, open = false }) {
  const canvas = el("div", { class: "canvas" });
  let drawn = 0;
  const redraw = () => {
    const width = Math.floor(canvas.clientWidth);
    if (width && width !== drawn) canvas.replaceChildren(draw((drawn = width)));
  };
  new ResizeObserver(redraw).observe(canvas);
  return el(
    "figure",
    {},
    el("figcaption", {}, caption),
    canvas,
    el("details", { class: "numbers", open }, el("summary", {}, "Numbers"), table(head, rows)),
  );
}

/** A table; cells that are numbers stand to the right. `head` and cells may be nodes. */
function table(head, rows, { caption } = {}) {
  const numeric = head.map((_, at) => rows.length > 0 && rows.every((row) => isNumeric(row[at])));
  const cell = (name, value, at) =>
    el(name, { class: numeric[at] ? "number" : null, scope: name === "th" ? "col" : null }, value);
  return el(
    "div",
    { class: "scroll", tabindex: 0 },
    el(
      "table",
      {},
      caption && el("caption", {}, caption),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          head.map((value, at) => cell("th", value, at)),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map((row) =>
          el(
            "tr",
            {},
            row.map((value, at) => cell("td", value, at)),
          ),
        ),
      ),
    ),
  );
}

function isNumeric(value) {
  return (
    typeof value === "number" || (typeof value === "string" && /^(–|[−-]?[\d,.]+%?( – [−-]?[\d,.]+)?)$/.test(value))
  );
}

/** Stacked columns. columns: [{label, parts: [{name, value}], href}]; marks: [{at (0..columns), label}]. */
function columnChart(width, { title, description, columns, marks = [] }) {
  const height = 220;
  const [left, right, top, bottom] = [44, 8, 22, 24];
  const most = Math.max(1, ...columns.map((column) => sum(column.parts)));
  const step = (width - left - right) / columns.length;
  const y = (value) => top + (height - top - bottom) * (1 - value / most);
  const chart = picture(width, height, title, description);
  for (const tick of ticks(most)) {
    chart.append(
      svg("line", { x1: left, x2: width - right, y1: y(tick), y2: y(tick), class: "grid" }),
      svg("text", { x: left - 8, y: y(tick) + 4, class: "tick end" }, count(tick)),
    );
  }
  columns.forEach((column, at) => {
    const x = left + at * step;
    const group = svg("a", { href: column.href, "aria-label": `${column.label}: ${many(sum(column.parts), "pair")}` });
    // The whole column is there to be clicked, however low its bar.
    group.append(svg("rect", { x, y: top, width: step, height: height - top - bottom, class: "touch" }));
    let base = 0;
    for (const part of column.parts) {
      if (!part.value) continue;
      const tall = y(base) - y(base + part.value);
      group.append(
        svg(
          "rect",
          {
            x: x + step * 0.1,
            y: y(base + part.value),
            width: step * 0.8,
            height: Math.max(tall, 1),
            class: `fill-${part.name}`,
          },
          svg("title", {}, `${column.label}, ${part.name}: ${count(part.value)}`),
        ),
      );
      base += part.value;
    }
    if (base) chart.append(group);
    chart.append(svg("text", { x: x + step / 2, y: height - 6, class: "tick middle" }, column.label));
  });
  for (const mark of marks) {
    const x = left + mark.at * step;
    chart.append(
      svg("line", { x1: x, x2: x, y1: top - 6, y2: height - bottom, class: "threshold" }),
      svg("text", { x, y: top - 10, class: "tick middle" }, mark.label),
    );
  }
  return chart;
}

/** One bar in parts. parts: [{name, label, value, href}]. */
function barChart(width, { title, description, parts }) {
  const total = sum(parts) || 1;
  const chart = picture(width, 64, title, description);
  let x = 0;
  for (const part of parts) {
    const wide = (part.value / total) * width;
    if (!part.value) continue;
    const label = `${part.label} ${count(part.value)}`;
    const fits = wide > label.length * 7.5;
    chart.append(
      svg(
        "a",
        { href: part.href, "aria-label": `${part.label}: ${many(part.value, "pair")}` },
        svg("rect", { x, y: 0, width: wide, height: 64, class: "touch" }),
        svg(
          "rect",
          { x, y: 0, width: Math.max(wide - 2, 1), height: 28, class: `fill-${part.name}` },
          svg("title", {}, label),
        ),
        fits ? svg("text", { x, y: 46, class: "tick strong" }, label) : null,
        fits ? svg("text", { x, y: 61, class: "tick" }, percent(part.value / total)) : null,
      ),
    );
    x += wide;
  }
  return chart;
}

function picture(width, height, title, description) {
  const id = `chart-${(picture.made = (picture.made ?? 0) + 1)}`;
  return svg(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-labelledby": `${id}-title ${id}-text` },
    svg("title", { id: `${id}-title` }, title),
    svg("desc", { id: `${id}-text` }, description),
  );
}

function sum(parts) {
  return parts.reduce((all, part) => all + part.value, 0);
}

/** Three or four round numbers up to `most`. */
function ticks(most) {
  const rough = most / 3;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].find((each) => each * ten >= rough) * ten);
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, at) => at * step);
}
