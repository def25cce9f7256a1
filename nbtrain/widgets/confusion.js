// The page's half of ConfusionView: a matrix of few cells drawn as SVG, whose labels are in an
// order that brings confused ones together. Nothing is sent to the kernel.

const STYLE = `
.nbt-matrix { display: flex; flex-wrap: wrap; gap: 4px 20px; color: var(--jp-ui-font-color1, CanvasText);
  font-family: var(--jp-ui-font-family, sans-serif); font-size: 13px; line-height: 1.4; }
.nbt-matrix-bar { flex: 1 0 100%; display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.nbt-matrix button { font: inherit; color: inherit; cursor: pointer; border-radius: 3px; padding: 1px 9px;
  background: var(--jp-layout-color2, ButtonFace); border: 1px solid var(--jp-border-color1, #8888); }
.nbt-matrix button:disabled { opacity: 0.45; cursor: default; }
.nbt-matrix .nbt-link { background: none; border: none; padding: 0; text-align: left;
  color: var(--jp-content-link-color, #0b57d0); }
.nbt-matrix-says { min-height: 1.4em; opacity: 0.85; }
.nbt-matrix svg { display: block; touch-action: pan-y; user-select: none; cursor: crosshair; }
.nbt-matrix svg:focus-visible { outline: 2px solid var(--jp-brand-color1, Highlight); outline-offset: 2px; }
.nbt-matrix text { font-size: 11px; fill: currentColor; pointer-events: none; }
.nbt-matrix .nbt-right { fill: #0072B2; } .nbt-matrix .nbt-wrong { fill: #D55E00; }
.nbt-matrix .nbt-frame { fill: none; stroke: currentColor; stroke-opacity: 0.35; }
.nbt-matrix .nbt-chosen { fill: none; stroke: currentColor; stroke-width: 2; }
.nbt-matrix .nbt-drag { fill: currentColor; fill-opacity: 0.12; stroke: currentColor; stroke-dasharray: 3 3; }
.nbt-matrix-details { flex: 1 1 260px; min-width: 0; overflow-wrap: anywhere; max-height: 560px; overflow-y: auto; }
.nbt-matrix-details ul { margin: 4px 0 8px; padding-left: 1.3em; }
.nbt-matrix-details small { opacity: 0.7; }`;

const NARROW = 760;
const LETTER = 6.2; // mean width of a letter, in pixels
const LARGEST_CELL = 60;
const TOP = 6; // room for the first label and for the frame of a chosen cell

class Matrix {
  constructor(model, el) {
    this.model = model;
    this.build(el);
    this.onState = () => this.take();
    model.on("change:matrix", this.onState);
    this.take();
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.root);
  }

  build(el) {
    this.root = make(el, "div", "nbt-matrix");
    make(this.root, "style").textContent = STYLE;
    const bar = make(this.root, "div", "nbt-matrix-bar");
    const button = (text, title, action) => {
      const made = make(bar, "button", "", text);
      Object.assign(made, { type: "button", title });
      made.setAttribute("aria-label", title);
      made.addEventListener("click", action);
      return made;
    };
    this.nearer = button("+", "Zoom in", () => this.zoom(0.5));
    this.farther = button("−", "Zoom out", () => this.zoom(2));
    this.whole = button("All", "Show all labels", () => this.zoom(Infinity));
    this.says = make(bar, "span", "nbt-matrix-says");
    this.svg = add(this.root, "svg", { tabindex: 0, role: "application", "data-lm-suppress-shortcuts": "true" });
    this.details = make(this.root, "div", "nbt-matrix-details");
    this.details.setAttribute("role", "status");
    this.svg.addEventListener("pointerdown", (event) => this.press(event));
    this.svg.addEventListener("pointermove", (event) => this.move(event));
    this.svg.addEventListener("pointerup", (event) => this.release(event));
    this.svg.addEventListener("pointerleave", () => { if (!this.from) this.hint(); });
    this.svg.addEventListener("pointercancel", () => { this.from = this.drag = null; this.draw(); });
    this.svg.addEventListener("dblclick", () => this.zoom(Infinity));
    this.svg.addEventListener("keydown", (event) => this.key(event));
  }

  remove() {
    this.model.off("change:matrix", this.onState);
    this.resized.disconnect();
    this.root.remove();
  }

  take() {
    const { labels, cells, texts } = JSON.parse(this.model.get("matrix"));
    Object.assign(this, { labels, cells, texts, chosen: null });
    this.at = new Map(cells.map((cell) => [`${cell[0]},${cell[1]}`, cell]));
    this.mistakes = cells.filter(([row, column]) => row !== column).sort((a, b) => b[2] - a[2] || b[3] - a[3]);
    this.view = { row: 0, column: 0, size: labels.length };
    this.svg.setAttribute("aria-label", `Confusion matrix of ${labels.length} labels. Arrow keys go `
      + "through the mistakes, plus and minus zoom. The table below says the same.");
    this.choose(this.mistakes[0], false);
    this.hint();
    this.draw();
  }

  hint() {
    this.says.textContent = "Rows are true labels, columns predicted ones. Click a cell for its texts, drag to zoom.";
  }

  // --- drawing ---

  draw() {
    const width = this.root.clientWidth;
    if (!width || !this.labels) return;
    const { row, column, size } = this.view;
    const wide = width < NARROW ? width : Math.min(0.62 * width, NARROW);
    const longest = Math.max(0, ...this.labels.slice(row, row + size).map((label) => label.length),
      ...this.labels.slice(column, column + size).map((label) => label.length));
    const left = Math.round(Math.min(0.34 * wide, 190, 12 + LETTER * longest));
    const cell = Math.min(LARGEST_CELL, (wide - left - 6) / Math.max(1, size));
    const side = cell * size;
    this.svg.replaceChildren();
    this.svg.setAttribute("width", Math.max(left + side + 6, 120));
    this.svg.setAttribute("height", TOP + side + left + 4);
    const svg = add(this.svg, "g", { transform: `translate(0 ${TOP})` });
    this.place = { left, cell, side };
    const letters = Math.floor((left - 8) / LETTER);
    const every = Math.max(1, Math.ceil(12 / cell));
    for (let i = 0; i < size; i += every) {
      const middle = (i + 0.5) * cell + 4;
      add(svg, "text", { x: left - 5, y: middle, "text-anchor": "end" }, cut(this.labels[row + i], letters));
      const turned = `translate(${left + middle} ${side + 6}) rotate(-90)`;
      add(svg, "text", { transform: turned, "text-anchor": "end" }, cut(this.labels[column + i], letters));
    }
    for (const [trueRow, told, count, share] of this.cells) {
      const [y, x] = [(trueRow - row) * cell, (told - column) * cell];
      if (y < 0 || x < 0 || y > side - 0.5 * cell || x > side - 0.5 * cell) continue;
      const kind = trueRow === told ? "nbt-right" : "nbt-wrong";
      const strength = (0.15 + 0.85 * Math.sqrt(share)).toFixed(2);
      // Seen even where a cell is smaller than a pixel or two.
      const edge = Math.max(cell, 2.5);
      add(svg, "rect", { class: kind, x: left + x, y, width: edge, height: edge, "fill-opacity": strength });
      if (cell < 22) continue;
      const ink = strength > 0.6 ? "#fff" : "currentColor";
      add(svg, "text", { x: left + x + cell / 2, y: y + cell / 2 + 4, "text-anchor": "middle", style: `fill:${ink}` }, count);
    }
    add(svg, "rect", { class: "nbt-frame", x: left, y: 0.5, width: side, height: side });
    if (this.chosen) {
      const [y, x] = [(this.chosen[0] - row) * cell, (this.chosen[1] - column) * cell];
      if (x >= 0 && y >= 0 && x < side - 0.5 && y < side - 0.5) {
        add(svg, "rect", { class: "nbt-chosen", x: left + x - 1, y: y - 1, width: cell + 2, height: cell + 2 });
      }
    }
    this.nearer.disabled = size <= 2;
    this.farther.disabled = this.whole.disabled = size >= this.labels.length;
    Object.assign(this.root.dataset, { labels: this.labels.length, shown: size });
  }

  zoom(factor) {
    const { row, column, size } = this.view;
    const inView = this.chosen && this.chosen[0] >= row && this.chosen[0] < row + size
      && this.chosen[1] >= column && this.chosen[1] < column + size;
    const middle = inView ? [this.chosen[0] + 0.5, this.chosen[1] + 0.5] : [row + size / 2, column + size / 2];
    const next = factor === Infinity ? this.labels.length : Math.round(size * factor);
    this.show(middle[0] - next / 2, middle[1] - next / 2, next);
  }

  // Show so many labels from a row and a column on, as far as there are so many.
  show(row, column, wanted) {
    const all = this.labels.length;
    const size = Math.min(all, Math.max(2, wanted));
    const fit = (start) => Math.max(0, Math.min(all - size, Math.round(start)));
    this.view = { row: fit(row), column: fit(column), size };
    this.draw();
  }

  // --- the pointer ---

  // Where an event is, in cells of the whole matrix.
  where(event) {
    const { left, cell } = this.place;
    const { x, y } = this.svg.getBoundingClientRect();
    return [this.view.row + (event.clientY - y - TOP) / cell, this.view.column + (event.clientX - x - left) / cell];
  }

  // The cell with texts at an event, or the nearest within a few pixels.
  under(event) {
    const [row, column] = this.where(event);
    const exact = this.at.get(`${Math.floor(row)},${Math.floor(column)}`);
    if (exact) return exact;
    const reach = 6 / this.place.cell;
    let best = null, least = reach * reach;
    for (const one of this.cells) {
      const far = (one[0] + 0.5 - row) ** 2 + (one[1] + 0.5 - column) ** 2;
      if (far < least) [best, least] = [one, far];
    }
    return best;
  }

  press(event) {
    if (event.button) return;
    this.from = [event.clientX, event.clientY, this.where(event)];
    this.svg.setPointerCapture(event.pointerId);
  }

  move(event) {
    if (!this.from) {
      const found = this.under(event);
      if (found) this.says.textContent = this.sentence(found);
      else this.hint();
      return;
    }
    const [x, y] = this.from;
    const [dx, dy] = [event.clientX - x, event.clientY - y];
    if (!this.drag && Math.hypot(dx, dy) < 6) return;
    const box = this.svg.getBoundingClientRect();
    this.drag?.remove();
    this.drag = add(this.svg, "rect", { class: "nbt-drag", x: Math.min(x, x + dx) - box.x,
      y: Math.min(y, y + dy) - box.y, width: Math.abs(dx), height: Math.abs(dy) });
  }

  release(event) {
    if (!this.from) return;
    const [row, column] = this.from[2], [toRow, toColumn] = this.where(event), dragged = this.drag;
    this.from = this.drag = null;
    if (!dragged) {
      const found = this.under(event);
      if (found) this.choose(found);
      return;
    }
    const top = Math.floor(Math.min(row, toRow)), start = Math.floor(Math.min(column, toColumn));
    const size = Math.ceil(Math.max(Math.max(row, toRow) - top, Math.max(column, toColumn) - start));
    this.show(top, start, size);
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const factor = { "+": 0.5, "=": 0.5, "-": 2, Escape: Infinity }[event.key];
    if ((!step && !factor) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (factor) this.zoom(factor);
    const many = this.mistakes.length;
    if (!step || !many) return;
    const now = this.mistakes.indexOf(this.chosen);
    this.choose(this.mistakes[now < 0 ? 0 : (now + step + many) % many]);
  }

  // --- what a cell says ---

  sentence([row, column, count, share]) {
    const of = Math.round(count / share);
    const told = row === column ? "labelled correctly" : `taken for ${this.labels[column]}`;
    return `${count} of ${of} texts of ${this.labels[row]} (${(100 * share).toFixed(1)}%) ${count === 1 ? "was" : "were"} ${told}.`;
  }

  choose(cell, scroll = true) {
    this.chosen = cell ?? null;
    this.details.replaceChildren();
    if (!cell) {
      if (!this.mistakes.length) this.details.textContent = "Nothing was confused.";
      return;
    }
    const [row, column, count] = cell;
    const { row: top, column: start, size } = this.view;
    if (row < top || row >= top + size || column < start || column >= start + size) {
      this.show(row - size / 2, column - size / 2, size);
    }
    make(this.details, "div", "", this.sentence(cell));
    if (row === column) {
      this.list("Taken for:", this.mistakes.filter((one) => one[0] === row), 1);
      this.list("Taken for it:", this.mistakes.filter((one) => one[1] === row), 0);
    } else {
      const texts = this.texts[`${row},${column}`] ?? [];
      const list = make(this.details, "ul");
      for (const [text, confidence] of texts) {
        const item = make(list, "li", "", `${text} `);
        if (confidence !== null) make(item, "small", "", `(${(100 * confidence).toFixed(0)}% sure)`);
      }
      const rest = texts.length ? `${count - texts.length} more not listed here.` : "The texts are not known here.";
      if (texts.length < count) make(this.details, "small", "", rest);
    }
    if (scroll) this.draw();
  }

  list(title, cells, side) {
    if (!cells.length) return;
    make(this.details, "div", "", title);
    const list = make(this.details, "ul");
    for (const cell of cells.slice(0, 12)) {
      const link = make(make(list, "li"), "button", "nbt-link", `${this.labels[cell[side]]} (${cell[2]})`);
      link.type = "button";
      link.addEventListener("click", () => this.choose(cell));
    }
  }
}

function make(parent, name, kind = "", text = "") {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.textContent = text;
  parent.append(made);
  return made;
}

function add(parent, name, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  parent.append(made);
  return made;
}

const cut = (text, letters) => (text.length <= letters ? text : `${text.slice(0, Math.max(1, letters - 1))}…`);

function render({ model, el }) {
  const matrix = new Matrix(model, el);
  return () => matrix.remove();
}

export default { render };
