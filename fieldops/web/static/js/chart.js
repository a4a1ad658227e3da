/** Charts that the server draws: fetched when the page stands, put in so that they take its colours. */

const NARROW_PX = 832;

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
  } catch {
    // the numbers stand beside it
    drawn.classList.add("without");
    numbers.open = true;
  }
}
