/** Charts that the server draws: fetched when the page stands, put in so that they take its colours. */

/** Draw every chart of the page that is not drawn yet. */
export function draw() {
  const places = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-chart]"));
  for (const place of places) void drawOne(place);
}

/** @param {HTMLElement} figure */
async function drawOne(figure) {
  const drawn = /** @type {HTMLElement} */ (figure.querySelector("[data-drawn]"));
  const path = new URL(figure.dataset.chart ?? "", location.href);
  path.searchParams.set("width", String(drawn.clientWidth));
  try {
    const answer = await fetch(path);
    const told = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
    if (!answer.ok || told.nodeName !== "svg") throw new Error(answer.statusText);
    drawn.replaceChildren(document.importNode(told, true));
  } catch {
    // the numbers stand beside it
    drawn.classList.add("without");
    figure.querySelector("details")?.setAttribute("open", "");
  }
}
