// Plain lines, where plotly.js can't run or is not there yet; in front of chart.js.

// At most so wide is a letter, on average, in the chart's size of type.
const LETTER = 7;

function drawLines(view, width) {
  const { layout, height, points, traces } = view;
  const { t, b, l, r } = layout.margin;
  const right = width - r;
  const svg = add(null, "svg", { class: "nbt-lines", width, height });
  const write = (x, y, anchor, text) => add(svg, "text", { x, y, "text-anchor": anchor }, text);
  for (const key of Object.keys(layout).filter((name) => name.startsWith("yaxis"))) {
    const yAxis = layout[key], xAxis = layout[`x${key.slice(1)}`];
    const mine = traces.map((_, i) => i).filter((i) => traces[i].yaxis === key.replace("axis", ""));
    const [low, high] = yAxis.domain.map((share) => t + (1 - share) * (height - t - b));
    const ys = mine.flatMap((i) => points.y[i]).filter((y) => y !== null);
    if (yAxis.rangemode === "tozero") ys.push(0);
    const log = xAxis.type === "log", across = log ? Math.log10 : (x) => x;
    const [x0, x1] = log ? xAxis.range : span([...xAxis.autorangeoptions.include, ...mine.flatMap((i) => points.x[i])]);
    const [y0, y1] = yAxis.range ?? span(ys);
    const place = (x, y) => [l + ((across(x) - x0) / (x1 - x0)) * (right - l),
      low - ((y - y0) / (y1 - y0)) * (low - high)].map((v) => v.toFixed(1)).join(" ");
    const percent = yAxis.tickformat === ".0%";
    const show = (y) => (percent ? `${Math.round(y * 100)}%` : short(y));
    add(svg, "path", { d: `M${l} ${high}V${low}H${right}`, fill: "none", stroke: "currentColor", opacity: 0.5 });
    if (yAxis.showticklabels !== false) {
      write(l - 5, high + 10, "end", show(y1));
      write(l - 5, low, "end", show(y0));
    }
    const turned = `translate(14 ${(low + high) / 2}) rotate(-90)`;
    add(svg, "text", { transform: turned, "text-anchor": "middle" }, yAxis.title.text);
    if (xAxis.showticklabels !== false) {
      const ends = xAxis.tickvals ? [xAxis.tickvals[0], xAxis.tickvals.at(-1)] : [x0, x1];
      write(+place(ends[0], y0).split(" ")[0], low + 15, "middle", short(ends[0]));
      write(+place(ends[1], y0).split(" ")[0], low + 15, "end", short(ends[1]));
      write((l + right) / 2, low + 28, "middle", xAxis.title.text);
    }
    mine.forEach((i) => {
      const { color, dash } = traces[i].line;
      const single = traces[i].mode === "markers";
      let pen = "M", d = "";
      points.y[i].forEach((y, k) => {
        if (y !== null) d += (single ? "M" : pen) + place(points.x[i][k], y) + (single ? "h0" : "");
        pen = y === null ? "M" : "L";
      });
      const dashes = { dash: "8 4", dot: "2 4", dashdot: "8 3 2 3" }[dash] ?? "none";
      add(svg, "path", { d, fill: "none", stroke: color, "stroke-width": single ? 9 : 2,
        "stroke-dasharray": dashes, "stroke-linecap": "round", opacity: traces[i].opacity ?? 1 });
    });
    // From the right, each as far from the next as its word is long; of what is there only.
    let end = right;
    const told = mine.filter((i) => traces[i].showlegend && points.y[i].some((y) => y !== null));
    for (const i of mine.length < 2 ? [] : told.reverse()) {
      const label = write(end, high - 6, "end", traces[i].name);
      label.setAttribute("fill", traces[i].line.color);
      label.classList.add("nbt-lines-name");
      end -= LETTER * traces[i].name.length + 14;
    }
    const panel = +key.slice(5) - 1;
    (view.marked.includes(Math.max(0, panel)) ? view.marks : []).forEach(([x, text, solid], row) => {
      const [at] = place(x, y0).split(" ").map(Number), late = view.late(x);
      add(svg, "path", { d: `M${at} ${high}V${low}`, stroke: "currentColor", "stroke-dasharray": solid ? "none" : "2 3" });
      if (Math.max(0, panel) === view.marked.at(-1)) {
        write(late ? at - 5 : at + 5, high + 16 + 15 * row, late ? "end" : "start", text);
      }
    });
  }
  view.plot.replaceChildren(svg);
}

function add(parent, name, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  parent?.append(made);
  return made;
}

// Ends of some numbers, never the same.
function span(values) {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (low < high) return [low, high];
  return low === high ? [low - 0.5, low + 0.5] : [0, 1];
}
