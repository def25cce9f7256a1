// The page's half of LiveChart; chart.py is the kernel's. Nothing is sent back per change:
// a view says hello when it is new or has missed something, and that is all.

const REDRAW_MS = 250;
const HELLO_MS = 1500;
const HELLOS = 5;
const ASK_AGAIN_MS = 4000;

// The last rule: while a chart that has a kernel is on the page, the picture that its run leaves
// in the notebook would show the same once more.
const STYLE = `
.nbt-chart { position: relative; font-family: var(--jp-ui-font-family, sans-serif);
  color: var(--jp-ui-font-color1, CanvasText); }
.nbt-chart-title { padding: 2px 8px 4px; font-size: 13px; line-height: 1.4; overflow-wrap: anywhere; }
.nbt-chart-text { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
.nbt-lines { display: block; font-size: 12px; fill: currentColor; }
.jp-OutputArea-child:has(.nbt-chart[data-live]) ~ .jp-OutputArea-child:has(img[src*="nbt-picture"]) {
  display: none; }`;

// --- plotly.js, once per page ------------------------------------------------------------------

// Every chart has its own copy of this module, so what they share hangs on the page.
function shared(version) {
  const all = (globalThis[Symbol.for("nbtrain.plotly")] ??= {});
  if (!all[version]) {
    const library = { loading: false, failed: false, asked: 0, wait: ASK_AGAIN_MS };
    library.ready = new Promise((resolve, reject) => Object.assign(library, { resolve, reject }));
    library.ready.catch(() => {});
    all[version] = library;
  }
  return all[version];
}

// Is it this view's turn to ask? Only one asks at a time, ever more patiently.
function wants(library) {
  const now = Date.now();
  if (library.loading || library.failed || now < library.asked + library.wait) return false;
  if (library.asked) library.wait *= 2;
  library.asked = now;
  return true;
}

async function accept(library, buffer) {
  if (library.loading || library.failed) return;
  library.loading = true;
  let url;
  try {
    const packed = new Blob([buffer]).stream().pipeThrough(new DecompressionStream("gzip"));
    const source = await new Response(packed).text();
    // As a module of its own: the page's AMD loader is out of its sight, and a plotly.js that the
    // page may have already keeps its global name.
    const head = "const define = undefined, module = { exports: {} }, exports = module.exports;\n";
    const parts = [head, source, "\nexport default module.exports;"];
    url = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
    const before = globalThis.Plotly;
    const { default: plotly } = await import(url);
    globalThis.Plotly = before;
    if (!plotly || !plotly.extendTraces) throw new Error("this is not plotly.js");
    library.resolve(plotly);
  } catch (error) {
    library.failed = true;
    library.reject(error);
  } finally {
    if (url) URL.revokeObjectURL(url);
  }
}

// --- one view ----------------------------------------------------------------------------------

class View {
  constructor(model, el) {
    this.model = model;
    this.plotly = null;
    this.drawn = null; // points drawn per trace; null: everything must be drawn anew
    this.seq = this.rev = -1;
    this.greeted = false;
    this.hellos = 0;
    this.lastDraw = 0;
    this.timers = new Set();
    this.chain = Promise.resolve();
    this.build(el);

    this.onMessage = (message, buffers) => this.receive(message, buffers);
    const saved = () => JSON.parse(model.get("snapshot"));
    this.onState = () => this.take(saved());
    model.on("msg:custom", this.onMessage);
    model.on("change:snapshot", this.onState);
    this.take(saved());

    this.library = shared(saved().plotly);
    this.library.ready.then(
      (plotly) => { if (!this.gone) { this.plotly = plotly; this.drawn = null; this.schedule(); } },
      () => this.fallBack(),
    );
    this.later(() => this.fallBack(), HELLO_MS);
    this.resized = new ResizeObserver(() => this.schedule());
    this.resized.observe(this.root);
    // JupyterLab names the theme on the body; its style sheet may come a little later.
    this.themed = new MutationObserver(() => {
      for (const ms of [0, 300, 1500]) this.later(() => this.follow(), ms);
    });
    const attributeFilter = ["data-jp-theme-name", "data-jp-theme-light", "class", "data-theme"];
    for (const node of [document.body, document.documentElement]) {
      this.themed.observe(node, { attributes: true, attributeFilter });
    }
    this.hello();
  }

  build(el) {
    this.root = document.createElement("div");
    this.root.className = "nbt-chart";
    this.root.dataset.state = "loading";
    const style = document.createElement("style");
    style.textContent = STYLE;
    const part = (name) => {
      const node = document.createElement("div");
      node.className = `nbt-chart-${name}`;
      this.root.append(node);
      return node;
    };
    this.root.append(style);
    this.title = part("title");
    this.plot = part("plot");
    this.text = part("text");
    this.plot.setAttribute("role", "img");
    el.append(this.root);
  }

  remove() {
    this.gone = true;
    this.model.off("msg:custom", this.onMessage);
    this.model.off("change:snapshot", this.onState);
    this.resized.disconnect();
    this.themed.disconnect();
    for (const timer of this.timers) clearTimeout(timer);
    if (this.plotly) this.plotly.purge(this.plot);
    this.root.remove();
  }

  later(action, ms) {
    const timer = setTimeout(() => { this.timers.delete(timer); if (!this.gone) action(); }, ms);
    this.timers.add(timer);
  }

  // --- what the kernel says ---

  // Say hello until the kernel has answered and plotly.js is there, a few times at most.
  hello(again = false) {
    if (this.greeting && !again) return;
    const wanting = !this.greeted || !(this.plotly || this.library.failed);
    this.greeting = wanting && this.hellos < HELLOS;
    if (!this.greeting) return;
    this.hellos += 1;
    const { seq, rev, stale } = this;
    try {
      this.model.send({ kind: "hello", seq: stale ? -1 : seq, rev, library: wants(this.library) });
    } catch { /* no kernel: what was saved stays on show */ }
    this.later(() => this.hello(true), HELLO_MS);
  }

  receive(message, buffers) {
    if (message.kind === "library") accept(this.library, buffers[0]);
    if (message.kind === "snapshot") this.take(message.snapshot);
    if (message.kind === "snapshot" || message.kind === "current") {
      this.greeted = true;
      this.root.dataset.live = "";
    }
    if (message.kind === "delta") this.extend(message);
  }

  take(snapshot) {
    if (snapshot.seq < this.seq) return;
    const { seq, rev, names, marks, marked, traces, layout, height, title } = snapshot;
    const points = { x: snapshot.x.map((x) => [...x]), y: snapshot.y.map((y) => [...y]) };
    Object.assign(this, { seq, rev, names, marks, marked, traces, layout, height, heading: title, points });
    this.drawn = null;
    this.stale = false;
    this.schedule();
  }

  // After a gap the curve goes on with a hole, until the hello brings a snapshot.
  extend(message) {
    const { seq, rev, title, marks } = message;
    if (seq <= this.seq) return;
    const known = rev === this.rev;
    if (!known || seq !== this.seq + 1) {
      Object.assign(this, { stale: true, greeted: false, hellos: 0 });
      this.hello();
    }
    if (!known) return;
    this.grow(message);
    this.seq = seq;
    this.heading = title ?? this.heading;
    this.marks = marks ?? this.marks;
    this.schedule();
  }

  grow({ t = [], x, y }) {
    t.forEach((trace, i) => {
      this.points.x[trace].push(...x[i]);
      this.points.y[trace].push(...y[i]);
    });
  }

  // --- drawing, at most once in REDRAW_MS ---

  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    this.later(() => requestAnimationFrame(() => {
      this.scheduled = false;
      if (!this.gone) this.chain = this.chain.then(() => this.draw()).catch((e) => this.broke(e));
    }), Math.max(0, this.lastDraw + REDRAW_MS - performance.now()));
  }

  fallBack() {
    if (this.plotly || this.gone) return;
    this.fallen = true;
    this.schedule();
  }

  broke(error) {
    console.warn("nbtrain: plotly.js could not draw, plain lines instead:", error);
    this.plotly = null;
    this.fallen = true;
    this.plot.replaceChildren();
    this.schedule();
  }

  async draw() {
    const width = this.root.clientWidth;
    if (!this.points || !width) return;
    this.lastDraw = performance.now();
    const { seq } = this;
    const counts = this.points.x.map((x) => x.length);
    this.describe();
    this.plot.style.height = `${this.height}px`;
    if (this.plotly) await this.drawPlotly(counts, width);
    else if (this.fallen) drawLines(this, width);
    else return;
    if (this.gone) return;
    this.root.dataset.points = counts.join();
    this.root.dataset.seq = seq;
    this.root.dataset.state = this.plotly ? "ready" : "fallback";
  }

  describe() {
    this.title.textContent = this.heading;
    this.title.hidden = !this.heading;
    const latest = this.names.map((name, i) => {
      const y = this.points.y[i], last = y.findLastIndex((value) => value !== null);
      return last < 0 ? `${name}: no points yet`
        : `${name}: ${short(y[last])} at ${short(this.points.x[i][last])}`;
    });
    this.plot.setAttribute("aria-label", `Chart of ${this.names.join(", ")}. ${this.heading}`);
    const marks = this.marks.filter(([, text]) => text).map(([, text]) => ` ${text}.`);
    this.text.textContent = `Latest values. ${latest.join("; ")}.${marks.join("")}`;
  }

  async drawPlotly(counts, width) {
    const Plotly = this.plotly;
    const modes = this.traces.map(({ mode, fill }, i) => (
      counts[i] <= 60 && !fill && mode === "lines" ? "lines+markers" : mode)).join();
    const anew = !this.drawn || modes !== this.modes
      || counts.some((n, i) => n < this.drawn[i] || (n && !this.drawn[i]));
    const before = this.drawn;
    this.drawn = counts;
    if (anew) {
      if (!this.plot.classList.contains("js-plotly-plot")) this.plot.replaceChildren();
      this.modes = modes;
      const traces = this.traces.map((trace, i) => ({ ...trace, mode: modes.split(",")[i],
        x: this.points.x[i].slice(0, counts[i]), y: this.points.y[i].slice(0, counts[i]), ...this.extra(i) }));
      const config = { displaylogo: false, displayModeBar: false, responsive: false };
      this.colours = this.readColours();
      this.width = width;
      this.shown = this.marks;
      await Plotly.react(this.plot, traces, this.themedLayout(), config);
      this.drew();
      return;
    }
    const grown = counts.map((_, i) => i).filter((i) => counts[i] > before[i]);
    const marked = this.marks !== this.shown;
    // plotly looks at the layout anew whenever it redraws, which it does for new points, too.
    if (marked) Object.assign(this.plot.layout, this.markLayout());
    this.shown = this.marks;
    if (marked && !grown.length) await Plotly.redraw(this.plot);
    if (grown.length) {
      const cut = (all) => grown.map((i) => all[i].slice(before[i], counts[i]));
      const { x, y } = this.points;
      await Plotly.extendTraces(this.plot, { x: cut(x), y: cut(y) }, grown);
    }
    if (width !== this.width) {
      this.width = width;
      await Plotly.relayout(this.plot, { width });
    }
  }

  // For kinds of chart that say more of a trace, or listen.
  extra() {}
  drew() {}

  // Marks go through the marked panels; their words stand in the last of these. figures.py does
  // the same for figures.
  markLayout() {
    const axes = this.marked.map(axisId);
    const line = (solid) => ({ color: this.colours.ink, width: solid ? 1.5 : 1, dash: solid ? "solid" : "dot" });
    const shapes = this.marks.flatMap(([x, , solid]) => axes.map((id) => (
      { type: "line", xref: `x${id}`, yref: `y${id} domain`, x0: x, x1: x, y0: 0, y1: 1, line: line(solid) })));
    // Words keep off the points of the short list, which lie at the top. On a logarithmic axis
    // plotly places shapes by the number, and words by its logarithm.
    const at = (x) => (axes.length && this.log ? Math.log10(x) : x);
    const annotations = axes.length ? this.marks.map(([x, text], row) => (
      { xref: `x${axes.at(-1)}`, yref: `y${axes.at(-1)} domain`, x: at(x), y: 1, yshift: -15 * row - 6, text: plain(text),
        bgcolor: this.colours.paper, showarrow: false, yanchor: "top",
        ...(this.late(x) ? { xanchor: "right", xshift: -5 } : { xanchor: "left", xshift: 5 }) })) : [];
    return { shapes, annotations };
  }

  // Ends of the marked panels' axis if it is logarithmic.
  get log() {
    const axis = this.layout[`xaxis${axisId(this.marked.at(-1))}`];
    return axis.type && axis.range;
  }

  // Does a mark lie in the right half? Then its words go to its left.
  late(x) {
    const { log } = this;
    if (log) return Math.log10(x) > (log[0] + log[1]) / 2;
    const ids = this.marked.map((panel) => `x${axisId(panel)}`);
    const lasts = this.traces.map((trace, i) => (ids.includes(trace.xaxis) && this.points.x[i].at(-1)) || 0);
    return x > Math.max(...lasts) / 2;
  }

  // --- the theme ---

  readColours() {
    const style = getComputedStyle(this.root);
    const colour = (name, other) => style.getPropertyValue(name).trim() || other;
    return {
      ink: colour("--jp-ui-font-color1", style.color),
      paper: colour("--jp-layout-color1", "rgba(128,128,128,0.9)"),
      grid: colour("--jp-border-color2", "rgba(128,128,128,0.3)"),
    };
  }

  follow() {
    if (JSON.stringify(this.readColours()) === JSON.stringify(this.colours)) return;
    this.drawn = null;
    this.schedule();
  }

  themedLayout() {
    const { ink, paper, grid } = this.colours;
    const layout = { ...structuredClone(this.layout), ...this.markLayout(), width: this.width, height: this.height };
    layout.font.color = ink;
    layout.hoverlabel = { bgcolor: paper, bordercolor: grid, font: { color: ink }, align: "left" };
    for (const [name, axis] of Object.entries(layout)) {
      if (!/^[xy]axis/.test(name)) continue;
      Object.assign(axis, { gridcolor: grid, linecolor: grid });
      // Left to itself, plotly gives an empty panel an axis from -1 to 6.
      const id = name.replace("axis", "");
      const filled = this.traces.some((trace, i) => this.drawn[i] && [trace.xaxis, trace.yaxis].includes(id));
      if (!filled) axis.range ??= id[0] === "x" ? axis.autorangeoptions.include : [0, 1];
    }
    return layout;
  }
}

// plotly takes some of HTML for what it means.
const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

const axisId = (panel) => (panel ? panel + 1 : "");

const short = (number) => String(Number(number.toPrecision(3)));

// What is appended to this module may put another kind here.
const kind = { View };

function render({ model, el }) {
  const view = new kind.View(model, el);
  return () => view.remove();
}

export default { render };
