// The page's half of TextMap: texts as points on a canvas, coloured by cluster. Nothing is sent to
// the kernel. The number of a cluster stands above the median of its points.

const STYLE = `
.nbt-points { color: var(--jp-ui-font-color1, CanvasText); font-family: var(--jp-ui-font-family, sans-serif);
  font-size: 13px; line-height: 1.4; }
.nbt-points-says { min-height: 1.4em; opacity: 0.85; overflow-wrap: anywhere; }
.nbt-points canvas { display: block; border: 1px solid var(--jp-border-color2, #8885); cursor: crosshair; }
.nbt-points canvas:focus-visible { outline: 2px solid var(--jp-brand-color1, Highlight); outline-offset: -2px; }`;

const TRAITS = ["positions", "labels", "clusters"];
const WIDEST = 760;
const MARGIN = 20;
const CELL = 4;
const ABOVE = 13;

class TextMap {
  constructor(model, el) {
    this.model = model;
    this.root = document.createElement("div");
    this.root.className = "nbt-points";
    const style = document.createElement("style");
    style.textContent = STYLE;
    this.says = document.createElement("div");
    this.says.className = "nbt-points-says";
    this.says.setAttribute("role", "status");
    this.canvas = document.createElement("canvas");
    const said = { role: "application", tabindex: 0, "data-lm-suppress-shortcuts": "true" };
    for (const [name, value] of Object.entries(said)) this.canvas.setAttribute(name, value);
    this.root.append(style, this.says, this.canvas);
    el.append(this.root);
    this.canvas.addEventListener("pointermove", (event) => this.light(this.under(event)));
    this.canvas.addEventListener("pointerleave", () => this.light(-1));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.onState = () => this.take();
    for (const name of TRAITS) model.on(`change:${name}`, this.onState);
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.root);
    this.themed = new MutationObserver(() => setTimeout(() => this.draw(), 300));
    this.themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "class"] });
    this.take();
  }

  remove() {
    for (const name of TRAITS) this.model.off(`change:${name}`, this.onState);
    this.resized.disconnect();
    this.themed.disconnect();
    this.root.remove();
  }

  take() {
    const numbers = (name) => {
      const view = this.model.get(name);
      return new Uint16Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    };
    this.positions = numbers("positions");
    this.labels = numbers("labels");
    this.names = JSON.parse(this.model.get("clusters"));
    this.lit = -1;
    this.canvas.setAttribute("aria-label", `Map of ${this.labels.length} texts in ${this.names.length} clusters. `
      + "Arrow keys go through the clusters. The table of clusters says the same.");
    this.hint();
    this.draw();
  }

  hint() {
    this.says.textContent = `${this.names.length} clusters; numbers are those of the table. Point at one for its name.`;
  }

  light(cluster) {
    if (cluster === this.lit) return;
    this.lit = cluster;
    if (cluster < 0) this.hint();
    else this.says.textContent = `${cluster}: ${this.names[cluster]}`;
    this.draw();
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") this.light(-1);
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const many = this.names.length;
    this.light(this.lit < 0 ? 0 : (this.lit + step + many) % many);
  }

  // Where the points are drawn. Of like texts many lie at one place: they are set round it in a
  // spiral, or hundreds would look like one.
  spread(size) {
    const scale = (value, room) => MARGIN + (value / 65535) * (room - 2 * MARGIN);
    const many = new Map();
    this.spots = Array.from(this.labels, (_, i) => {
      const [x, y] = [scale(this.positions[2 * i], this.width), scale(65535 - this.positions[2 * i + 1], this.height)];
      const cell = `${Math.round(x / CELL)},${Math.round(y / CELL)}`;
      const before = many.get(cell) ?? 0;
      many.set(cell, before + 1);
      const far = 0.75 * size * Math.sqrt(before), turn = 2.39996 * before;
      return [x + far * Math.cos(turn), y + far * Math.sin(turn)];
    });
  }

  // The cluster of the nearest text within a few pixels.
  under(event) {
    const box = this.canvas.getBoundingClientRect();
    let best = -1, least = 144;
    (this.spots ?? []).forEach(([x, y], i) => {
      const far = (x - event.clientX + box.x) ** 2 + (y - event.clientY + box.y) ** 2;
      if (far < least) [best, least] = [this.labels[i], far];
    });
    return best;
  }

  draw() {
    const wide = Math.min(WIDEST, this.root.clientWidth);
    if (!wide || !this.labels) return;
    const sharp = window.devicePixelRatio || 1;
    Object.assign(this, { width: wide - 2, height: Math.round(0.68 * wide) });
    Object.assign(this.canvas, { width: this.width * sharp, height: this.height * sharp });
    Object.assign(this.canvas.style, { width: `${this.width}px`, height: `${this.height}px` });
    const pen = this.canvas.getContext("2d");
    pen.scale(sharp, sharp);
    const size = this.labels.length > 1500 ? 2 : 3;
    this.spread(size);
    const middles = this.names.map(() => [[], []]);
    this.labels.forEach((label, i) => {
      const [x, y] = this.spots[i];
      middles[label]?.[0].push(x);
      middles[label]?.[1].push(y);
      pen.globalAlpha = this.lit < 0 ? 0.7 : label === this.lit ? 1 : 0.1;
      pen.fillStyle = colour(label);
      pen.beginPath();
      pen.arc(x, y, label === this.lit ? size + 1 : size, 0, 7);
      pen.fill();
    });
    const style = getComputedStyle(this.root);
    const paper = style.getPropertyValue("--jp-layout-color0").trim() || "Canvas";
    Object.assign(pen, { font: "600 12px sans-serif", textAlign: "center", textBaseline: "middle", lineWidth: 4, lineJoin: "round" });
    middles.forEach(([xs, ys], label) => {
      if (!xs.length) return;
      pen.globalAlpha = this.lit < 0 || label === this.lit ? 1 : 0.25;
      const at = [middle(xs), Math.max(9, middle(ys) - ABOVE)];
      pen.strokeStyle = paper;
      pen.strokeText(label, ...at);
      pen.fillStyle = style.color;
      pen.fillText(label, ...at);
    });
    Object.assign(this.root.dataset, { points: this.labels.length, clusters: this.names.length });
  }
}

// Neighbours in number are far in hue; two steps of lightness, both seen on white and on black.
const colour = (label) => `hsl(${Math.round(label * 137.508) % 360} 62% ${label % 2 ? 58 : 44}%)`;

const middle = (values) => values.sort((a, b) => a - b)[values.length >> 1];

function render({ model, el }) {
  const map = new TextMap(model, el);
  return () => map.remove();
}

export default { render };
