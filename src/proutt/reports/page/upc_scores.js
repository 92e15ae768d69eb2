// Scores by turn as a small chart: a line for each aspect, told apart by dash and by its name at the end.

const ASPECTS = ["relevance", "value", "interest"];
/** The same as headings. */
const NAMES = ["Relevance", "Value", "Interest"];

/** turns: [[turn, {aspect: mean}]], scores 1 to 5. */
function scoreChart(width, turns) {
  const height = 220;
  const [left, right, top, bottom] = [30, 88, 12, 26];
  const x = (at) => left + ((width - left - right) * (at + 0.5)) / turns.length;
  const y = (score) => top + ((height - top - bottom) * (5 - score)) / 4;
  const told = turns.map(([turn, means]) => `turn ${turn}: ${ASPECTS.map((each) => `${each} ${fixed(means[each])}`).join(", ")}`);
  const chart = picture(width, height, "Scores by turn", told.join("; "));
  for (const score of [1, 2, 3, 4, 5]) {
    chart.append(
      svg("line", { x1: left, x2: width - right, y1: y(score), y2: y(score), class: "grid" }),
      svg("text", { x: left - 8, y: y(score) + 4, class: "tick end" }, score),
    );
  }
  turns.forEach(([turn], at) => chart.append(svg("text", { x: x(at), y: height - 6, class: "tick middle" }, `turn ${turn}`)));
  const places = namePlaces(ASPECTS.map((aspect) => y(turns.at(-1)[1][aspect])));
  ASPECTS.forEach((aspect, number) => {
    const points = turns.map(([, means], at) => `${x(at)},${y(means[aspect])}`).join(" ");
    chart.append(
      svg("polyline", { points, class: `score-line ${aspect}` }),
      ...turns.map(([turn, means], at) =>
        svg(
          "circle",
          { cx: x(at), cy: y(means[aspect]), r: 3.5, class: `score-dot ${aspect}` },
          svg("title", {}, `turn ${turn}, ${aspect}: ${fixed(means[aspect])}`),
        ),
      ),
      svg("text", { x: width - right + 8, y: places[number] + 4, class: `tick score-name ${aspect}` }, aspect),
    );
  });
  return chart;
}

/** Heights for names that would lie on one another, moved apart. */
function namePlaces(heights) {
  const order = heights.map((_, at) => at).sort((a, b) => heights[a] - heights[b]);
  const placed = [...heights];
  order.forEach((at, rank) => {
    if (rank) placed[at] = Math.max(placed[at], placed[order[rank - 1]] + 15);
  });
  return placed;
}

/** The scores of a response, a chip each. */
function scoreChips(scores) {
  return el(
    "ul",
    { class: "scores", role: "list", "aria-label": "Scores" },
    scores.map(([aspect, score]) => el("li", { class: `score s${score}` }, aspect, " ", el("b", {}, score))),
  );
}
