/** The page of the stock: the table, the panel beside it, and the figure that the cells show. */

import { Problem } from "../api.js";
import { failed } from "../toast.js";
import { say } from "../words.js";
import { Heat, MEASURES } from "./heat.js";

const grid = document.getElementById("grid");
const select = document.querySelector("select[name=measure]");
const panel = document.querySelector("aside.cell");

if (grid && panel && select instanceof HTMLSelectElement) {
  const told = JSON.parse(document.getElementById("heat")?.textContent ?? "{}");
  const { by, of } = /** @type {{by: string, of: string}} */ (/** @type {unknown} */ (grid.dataset));
  const heat = new Heat(grid, told, shown(), choose);

  function shown() {
    const { value, selectedOptions } = /** @type {HTMLSelectElement} */ (select);
    return { measure: value, name: selectedOptions[0]?.text ?? "" };
  }

  /** @param {string} name */
  const figureName = (name) => panel.querySelector(`[data-figure=${name}]`);

  /**
   * @param {number} row
   * @param {number} column
   */
  function choose(row, column) {
    const [place, placeName, region] = told.rows[row];
    const [key, name, ata] = told.columns[column];
    text("[data-row]", [place, placeName, region].filter(Boolean).join(" · "));
    text("[data-column]", key);
    text("[data-names]", [name, ata].filter(Boolean).join(" · "));
    heat.at(row, column).forEach((value, at) => {
      const figure = figureName(MEASURES[at]);
      if (figure) figure.textContent = heat.digits.format(value);
    });
    figureName("shortage")?.parentElement?.classList.toggle("lacking", heat.at(row, column)[5] > 0);
    /** @type {HTMLElement} */ (panel?.querySelector(".ways")).hidden = false;
    const [part, at] = [`/parts/${encodeURIComponent(key)}`, encodeURIComponent(place)];
    way("part", of === "part" ? part : "");
    way("place", by === "place" ? `/places/${at}` : "");
    way("promise", of === "part" && by === "place" ? `${part}?destination=${at}#promise` : "");
    way("into", of === "part" && by === "place" ? "" : into(place, key));
  }

  /**
   * The same table, of one group.
   * @param {string} row
   * @param {string} column
   */
  function into(row, column) {
    const query = new URLSearchParams(location.search);
    query.delete("after");
    if (by !== "place") query.set(by, row);
    if (of !== "part") query.set(of, column);
    query.set("by", "place");
    query.set("of", "part");
    return `/stock?${query}`;
  }

  /**
   * @param {string} where
   * @param {string} what
   */
  function text(where, what) {
    const found = panel?.querySelector(where);
    if (found) found.textContent = what;
  }

  /**
   * @param {string} name
   * @param {string} path
   */
  function way(name, path) {
    const link = /** @type {HTMLAnchorElement} */ (panel?.querySelector(`[data-way=${name}]`));
    link.hidden = !path;
    if (path) link.href = path;
  }

  /** @param {string} measure */
  function show(measure) {
    if (select instanceof HTMLSelectElement) select.value = measure;
    heat.show(shown());
    const query = new URLSearchParams(location.search);
    query.set("measure", measure);
    history.replaceState(null, "", `?${query}`);
  }

  /** Bring the rest, while what is in sight can be read. */
  async function complete() {
    if (by !== "place") return;
    while (told.cells.length < told.rows.length) {
      const query = new URLSearchParams(location.search);
      query.set("start", String(told.cells.length));
      const answer = await fetch(`/stock.json?${query}`);
      const cells = answer.ok ? await answer.json() : [];
      if (!cells.length) return failed(new Problem({ status: answer.status, code: "unreachable", title: "", detail: say("unreachable") }));
      heat.add(cells);
    }
    grid?.setAttribute("data-complete", "");
  }

  // what the page has already needs no way to the server
  select.addEventListener("change", (event) => (event.stopImmediatePropagation(), show(select.value)), { capture: true });
  const begin = () => heat.isChosen() || heat.choose(0, 0);
  grid.addEventListener("focus", begin);
  if (document.activeElement === grid) begin();
  grid.addEventListener("keydown", (event) => {
    const measure = MEASURES[Number(event.key) - 1];
    if (measure && !event.ctrlKey && !event.altKey && !event.metaKey) show(measure);
    else if (event.key === "Enter") /** @type {HTMLElement | null} */ (panel.querySelector(".ways a:not([hidden])"))?.focus();
  });
  requestAnimationFrame(() => setTimeout(() => complete().catch(() => undefined)));
  panel.addEventListener("keydown", (event) => {
    if (/** @type {KeyboardEvent} */ (event).key === "Escape") grid.focus();
  });
}
