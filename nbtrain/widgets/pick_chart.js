// The page's half of PickChart, appended to chart.js: points come in any order, what is noted of a
// place shows under the mouse, and a place is chosen by a click or the arrow keys.

const FOCUS = `
.nbt-chart-plot { cursor: pointer; }
.nbt-chart-plot:focus-visible { outline: 2px solid var(--jp-brand-color1, Highlight); outline-offset: -2px; }`;

class PickView extends View {
  build(el) {
    super.build(el);
    const said = { role: "slider", tabindex: 0, "data-lm-suppress-shortcuts": "true" };
    for (const [name, value] of Object.entries(said)) this.plot.setAttribute(name, value);
    this.root.querySelector("style").textContent += FOCUS;
    this.plot.addEventListener("keydown", (event) => this.key(event));
  }

  take(snapshot) {
    if (snapshot.seq >= this.seq) this.notes = new Map(snapshot.notes);
    super.take(snapshot);
  }

  grow({ t = [], x, y, notes = [] }) {
    t.forEach((trace, i) => x[i].forEach((at, k) => this.insert(trace, at, y[i][k])));
    for (const [at, text] of notes) this.notes.set(at, text);
    this.drawn = null; // plotly can only add at the end by itself
  }

  // A point goes to its place by x, in place of one that is there.
  insert(trace, x, y) {
    const [xs, ys] = [this.points.x[trace], this.points.y[trace]];
    let place = xs.findIndex((other) => other >= x);
    if (place < 0) place = xs.length;
    const known = xs[place] === x ? 1 : 0;
    xs.splice(place, known, x);
    ys.splice(place, known, y);
  }

  get places() {
    const real = this.points.x.filter((_, i) => this.traces[i].meta !== "faint");
    return [...new Set(real.flat())].sort((a, b) => a - b);
  }

  // The solid mark is where one is.
  get open() {
    return this.marks.find(([, , solid]) => solid)?.[0];
  }

  choose(x) {
    if (!this.places.includes(x) || x === this.open) return;
    try { this.model.send({ kind: "pick", x }); } catch { /* no kernel: nothing to open */ }
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    const end = { Home: 0, End: -1 }[event.key];
    const places = this.places;
    if ((!step && end === undefined) || !places.length || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const next = Math.max(0, Math.min(places.length - 1, places.indexOf(this.open) + step));
    this.choose(end === undefined ? places[next] : places.at(end));
  }

  describe() {
    super.describe();
    const places = this.places, { open } = this;
    const said = { valuemin: places[0] ?? 0, valuemax: places.at(-1) ?? 0, valuenow: open ?? places[0] ?? 0,
      valuetext: open === undefined ? "none is open" : (this.notes.get(open) ?? String(open)) };
    for (const [name, value] of Object.entries(said)) this.plot.setAttribute(`aria-${name}`, value);
    this.root.dataset.open = open ?? "";
    // JupyterLab would take the arrow keys for going from cell to cell.
    const lists = this.root.closest(".nbt-sweep")?.querySelectorAll("select") ?? [];
    for (const list of lists) list.setAttribute("data-lm-suppress-shortcuts", "true");
  }

  // One box for each place of a panel, at its first trace that has points: all that the panel tells
  // of it, and what is noted.
  extra(i) {
    const { x: xs, y: ys } = this.points, { yaxis } = this.traces[i];
    const mine = [...xs.keys()].filter((t) => this.traces[t].yaxis === yaxis && xs[t].length);
    if (mine[0] !== i) return { hoverinfo: "skip", hovertemplate: null };
    const text = xs[i].map((x) => {
      const [head, ...rest] = (this.notes.get(x) ?? String(x)).split("\n").map(plain);
      const values = mine.flatMap((t) => {
        const y = ys[t][xs[t].indexOf(x)], { name, mode } = this.traces[t];
        return y == null ? [] : mode === "markers" ? name : `${name} ${short(y)}`;
      });
      return [`<b>${head}</b>`, ...values, ...rest].join("<br>");
    });
    return { text, hovertemplate: "%{text}<extra></extra>" };
  }

  drew() {
    if (this.listening === this.plotly) return;
    this.listening = this.plotly;
    this.plot.on("plotly_click", ({ points }) => this.choose(points[0].x));
  }

  broke(error) {
    this.listening = null;
    super.broke(error);
  }
}

kind.View = PickView;
