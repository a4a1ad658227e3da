/**
 * Charts that the server draws: fetched when the page stands, put in so that they take its colours. Who points at one
 * gets it drawn anew here, so that it tells its amounts; that script is heavy and is loaded only then.
 */

const NARROW_PX = 832;
const VEGA = "/charts/vega.js";
/** @type {Promise<void> | undefined} */
let vega;

/** Draw every chart of the page that is not drawn yet. */
export function draw() {
  const places = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-chart]"));
  for (const place of places) void drawOne(place);
}

/** @param {HTMLElement} figure */
async function drawOne(figure) {
  const drawn = /** @type {HTMLElement} */ (figure.querySelector("[data-drawn]"));
  const numbers = /** @type {HTMLDetailsElement} */ (figure.querySelector("details"));
  // on a phone the numbers would push everything else away
  if (!figure.dataset.met && innerWidth < NARROW_PX) numbers.open = false;
  figure.dataset.met = "";
  const path = new URL(figure.dataset.chart ?? "", location.href);
  path.searchParams.set("width", String(drawn.clientWidth));
  try {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error(answer.statusText);
    const told = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
    drawn.replaceChildren(document.importNode(told, true));
    drawn.addEventListener("pointerenter", () => void enliven(drawn, path).catch(() => undefined), { once: true });
  } catch {
    // the numbers stand beside it
    drawn.classList.add("without");
    numbers.open = true;
  }
}

/**
 * Draw a chart anew so that it answers to the pointer; where that fails the one that stands there stays.
 * @param {HTMLElement} drawn
 * @param {URL} path
 */
async function enliven(drawn, path) {
  vega ??= loaded(VEGA);
  const [answer] = await Promise.all([fetch(path, { headers: { Accept: "application/json" } }), vega]);
  if (!answer.ok) return;
  const { spec, formatLocale, timeFormatLocale } = await answer.json();
  const place = document.createElement("div");
  place.className = "live";
  const tip = document.createElement("dl");
  tip.className = "tip card";
  tip.hidden = true;
  const tooltip = (/** @type {unknown} */ _by, /** @type {MouseEvent} */ event, /** @type {unknown} */ _item, /** @type {Record<string, string> | null} */ value) => tell(tip, event, value);
  // the policy of the pages allows no script from text and no style in markup
  const options = { ast: true, actions: false, defaultStyle: false, renderer: "svg", logLevel: 1, tooltip, formatLocale, timeFormatLocale };
  await /** @type {any} */ (window).vegaEmbed(place, spec, options);
  drawn.replaceChildren(place, tip);
}

/**
 * Show what the pointer is at, beside it; nothing without a value.
 * @param {HTMLElement} tip
 * @param {MouseEvent} event
 * @param {Record<string, string> | null} value
 */
function tell(tip, event, value) {
  tip.hidden = !value;
  if (!value) return;
  const parts = Object.entries(value).flatMap(([name, text]) => {
    const [term, told] = [document.createElement("dt"), document.createElement("dd")];
    [term.textContent, told.textContent] = [name, text];
    return [term, told];
  });
  tip.replaceChildren(...parts);
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8)}px`;
}

/** @param {string} path @returns {Promise<void>} */
function loaded(path) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = path;
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", reject);
    document.head.append(script);
  });
}
