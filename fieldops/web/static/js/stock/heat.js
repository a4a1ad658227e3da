/** A table of very many cells, of which only those in sight exist; moved in by keyboard as the ARIA practices say. */

/** @typedef {[string, string, string]} Head key, name, what it belongs to */
/** @typedef {{rows: Head[], columns: Head[], cells: number[][]}} Told */

export const MEASURES = ["on_hand", "reserved", "available", "due_in", "target", "shortage"];
const SHORTAGE = MEASURES.indexOf("shortage");
const ROW_PX = 26;
const BEYOND = 4;

/** Steps of a key: [rows, columns]. @type {Record<string, [number, number]>} */
const STEPS = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
  PageUp: [-15, 0], PageDown: [15, 0], Home: [0, -Infinity], End: [0, Infinity],
};

export class Heat {
  /**
   * @param {HTMLElement} grid
   * @param {Told} told
   * @param {{measure: string, name: string}} figure
   * @param {(row: number, column: number) => void} chosen called when another cell is chosen
   */
  constructor(grid, told, figure, chosen) {
    this.grid = grid;
    this.told = told;
    this.chosen = chosen;
    this.row = 0;
    this.column = 0;
    this.shown = "";
    this.measure = 0;
    this.name = "";
    this.most = 0;
    this.digits = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
    const style = getComputedStyle(grid);
    this.column_px = Number.parseInt(style.getPropertyValue("--column"), 10);
    this.side_px = Number.parseInt(style.getPropertyValue("--side"), 10);
    this.head_px = Number.parseInt(style.getPropertyValue("--head"), 10);
    /** @type {Map<number, number>[]} */
    this.figures = told.cells.map(byColumn);
    grid.setAttribute("aria-rowcount", String(told.rows.length + 1));
    grid.setAttribute("aria-colcount", String(told.columns.length + 1));
    this.head = part("row", "heads");
    this.body = part("rowgroup", "rows");
    const heads = part("rowgroup", "top");
    heads.append(this.head);
    for (const one of [heads, this.body]) one.style.width = `${this.side_px + told.columns.length * this.column_px}px`;
    this.body.style.height = `${told.rows.length * ROW_PX}px`;
    grid.replaceChildren(heads, this.body);
    this.show(figure);
    grid.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(grid);
    grid.addEventListener("keydown", (event) => this.step(event));
    grid.addEventListener("click", (event) => {
      const cell = event.target instanceof HTMLElement ? event.target.closest("[role=gridcell]") : null;
      if (cell instanceof HTMLElement) this.choose(Number(cell.dataset.row), Number(cell.dataset.column));
    });
  }

  /** Show a figure; its name stands in the corner. @param {{measure: string, name: string}} figure */
  show({ measure, name }) {
    this.measure = MEASURES.indexOf(measure);
    this.name = name;
    this.most = 0;
    for (const cells of this.told.cells) {
      for (let at = this.measure + 1; at < cells.length; at += MEASURES.length + 1) this.most = Math.max(this.most, cells[at]);
    }
    this.grid.classList.toggle("bad", this.measure === SHORTAGE);
    this.draw(true);
  }

  /** Add the cells of the next rows. @param {number[][]} cells */
  add(cells) {
    this.told.cells.push(...cells);
    this.figures.push(...cells.map(byColumn));
    this.show({ measure: MEASURES[this.measure], name: this.name });
  }

  /**
   * The figures of a cell, by measure.
   * @param {number} row
   * @param {number} column
   * @returns {number[]}
   */
  at(row, column) {
    const start = this.figures[row]?.get(column);
    return start === undefined ? MEASURES.map(() => 0) : this.told.cells[row].slice(start, start + MEASURES.length);
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  choose(row, column) {
    this.row = Math.min(Math.max(row, 0), this.told.rows.length - 1);
    this.column = Math.min(Math.max(column, 0), this.told.columns.length - 1);
    const { grid } = this;
    const top = this.row * ROW_PX;
    const left = this.column * this.column_px;
    const height = grid.clientHeight - this.head_px - ROW_PX;
    const width = grid.clientWidth - this.side_px - this.column_px;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top > grid.scrollTop + height) grid.scrollTop = top - height;
    if (left < grid.scrollLeft) grid.scrollLeft = left;
    else if (left > grid.scrollLeft + width) grid.scrollLeft = left - width;
    grid.setAttribute("aria-activedescendant", `cell-${this.row}-${this.column}`);
    this.draw(true);
    this.chosen(this.row, this.column);
  }

  /** @param {KeyboardEvent} event */
  step(event) {
    const step = STEPS[event.key];
    if (!step || event.altKey || event.metaKey) return;
    event.preventDefault();
    const all = event.ctrlKey && (event.key === "Home" || event.key === "End");
    this.choose(this.row + (all ? step[1] : step[0]), this.column + step[1]);
  }

  /** Make what is in sight, with some more around. @param {boolean} [anew] also where the same is in sight */
  draw(anew = false) {
    const { grid, told } = this;
    const [top, bottom] = range(grid.scrollTop, grid.clientHeight - this.head_px, ROW_PX, told.rows.length);
    const [first, last] = range(grid.scrollLeft, grid.clientWidth - this.side_px, this.column_px, told.columns.length);
    const shown = `${top} ${bottom} ${first} ${last}`;
    if (!anew && shown === this.shown) return;
    this.shown = shown;
    const heads = [part("columnheader", "corner", this.name)];
    heads[0].setAttribute("aria-colindex", "1");
    for (let column = first; column < last; column += 1) heads.push(this.columnHead(column));
    this.head.replaceChildren(...heads);
    const rows = [];
    for (let row = top; row < bottom; row += 1) rows.push(this.line(row, first, last));
    this.body.replaceChildren(...rows);
  }

  /** @param {number} column */
  columnHead(column) {
    const [key, name] = this.told.columns[column];
    const head = part("columnheader", "head", key);
    head.title = name;
    head.setAttribute("aria-colindex", String(column + 2));
    head.classList.toggle("chosen", column === this.column && this.isChosen());
    head.style.left = `${this.side_px + column * this.column_px}px`;
    return head;
  }

  /**
   * @param {number} row
   * @param {number} first
   * @param {number} last
   */
  line(row, first, last) {
    const [key, name, group] = this.told.rows[row];
    const line = part("row", "line");
    line.setAttribute("aria-rowindex", String(row + 2));
    line.style.top = `${row * ROW_PX}px`;
    const head = part("rowheader", "side");
    const code = document.createElement("b");
    code.textContent = key;
    head.append(code, ` ${name}`);
    head.title = [name, group].filter(Boolean).join(" · ");
    head.setAttribute("aria-colindex", "1");
    head.classList.toggle("chosen", row === this.row && this.isChosen());
    line.append(head);
    for (let column = first; column < last; column += 1) line.append(this.cell(row, column));
    return line;
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  cell(row, column) {
    const start = this.figures[row]?.get(column);
    const value = start === undefined ? 0 : this.told.cells[row][start + this.measure];
    const cell = part("gridcell", `l${this.level(value)}`, value ? this.digits.format(value) : "");
    if (start !== undefined && this.told.cells[row][start + SHORTAGE]) cell.classList.add("short");
    cell.id = `cell-${row}-${column}`;
    cell.dataset.row = String(row);
    cell.dataset.column = String(column);
    cell.setAttribute("aria-colindex", String(column + 2));
    cell.style.left = `${this.side_px + column * this.column_px}px`;
    if (row === this.row && column === this.column && this.isChosen()) cell.setAttribute("aria-selected", "true");
    return cell;
  }

  isChosen() {
    return this.grid.hasAttribute("aria-activedescendant");
  }

  /** How strongly a figure stands out, 0 to 5: by its logarithm, for few have much. @param {number} value */
  level(value) {
    return value > 0 ? Math.max(1, Math.ceil((5 * Math.log1p(value)) / Math.log1p(this.most))) : 0;
  }
}

/** Where the figures of each column begin in the cells of a row. @param {number[]} cells */
function byColumn(cells) {
  const found = new Map();
  for (let at = 0; at < cells.length; at += MEASURES.length + 1) found.set(cells[at], at + 1);
  return found;
}

/**
 * @param {number} from
 * @param {number} length
 * @param {number} each
 * @param {number} count
 */
function range(from, length, each, count) {
  return [Math.max(0, Math.floor(from / each) - BEYOND), Math.min(count, Math.ceil((from + length) / each) + BEYOND)];
}

/**
 * @param {string} role
 * @param {string} kind
 * @param {string} [text]
 */
function part(role, kind, text) {
  const made = document.createElement("div");
  made.setAttribute("role", role);
  made.className = kind;
  if (text) made.textContent = text;
  return made;
}
