/** Lists that renew themselves when something happens; what somebody has typed or chosen in them stays. */

import { listen } from "./live.js";

const WAIT_MS = 150;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
let renewing = false;
let again = false;

/** Read the page anew and put its lists in the place of those shown; the document says "renewed" then. */
export async function renew() {
  if (renewing) {
    again = true;
    return;
  }
  renewing = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // the connection is lost, which the frame of the page says; the next news comes when it is back
  } finally {
    renewing = false;
  }
  if (again) {
    again = false;
    await renew();
  }
}

/** @param {Document} fresh */
function replace(fresh) {
  const places = [...document.querySelectorAll("[data-live]")];
  const newer = [...fresh.querySelectorAll("[data-live]")];
  places.forEach((place, at) => {
    const next = newer[at];
    if (!next) return;
    const kept = keep(place);
    place.replaceChildren(...next.childNodes);
    kept(place);
  });
  document.dispatchEvent(new Event("renewed"));
}

/**
 * Remember what is typed, chosen, open and focused, by the element with an id around it.
 * @param {Element} place
 * @returns {(place: Element) => void} puts it back
 */
function keep(place) {
  const typed = fields(place).map(([name, field]) => ({ name, value: field.value, checked: field.checked }));
  const open = [...place.querySelectorAll("details")].map((one) => one.open);
  const focused = fields(place).find(([, field]) => field === document.activeElement)?.[0];
  const around = document.activeElement?.closest("[id]")?.id;
  return (fresh) => {
    const now = new Map(fields(fresh));
    for (const { name, value, checked } of typed) {
      const field = now.get(name);
      if (field) [field.value, field.checked] = [value, checked];
    }
    [...fresh.querySelectorAll("details")].forEach((one, at) => (one.open = open[at] ?? one.open));
    const back = focused ? now.get(focused) : around && place.contains(document.getElementById(around)) ? document.getElementById(around) : null;
    if (back && document.activeElement === document.body) back.focus();
  };
}

/**
 * @param {Element} place
 * @returns {[string, HTMLInputElement][]}
 */
function fields(place) {
  const found = /** @type {NodeListOf<HTMLInputElement>} */ (place.querySelectorAll("input"));
  return [...found].map((field) => [`${field.closest("[id]")?.id ?? ""} ${field.name} ${field.dataset.chooseAll ?? ""}`, field]);
}

const kinds = new Set([...document.querySelectorAll("[data-live]")].flatMap((one) => (one.getAttribute("data-live") ?? "").split(" ").filter(Boolean)));
if (kinds.size) {
  listen([...kinds], () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void renew(), WAIT_MS);
  });
}
