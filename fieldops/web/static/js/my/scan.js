/** Codes that a scanner types or a camera sees: which part, which piece, and from where it can be taken. */

import { say } from "./words.js";

/** @typedef {import("./words.js").Job} Job */

/** Part, and serial, lot or batch, as ATA Spec 2000 names them in one code. */
const FIELDS = /(?:^|[/\x1d])\s*(PNR|PNO|SER|SEQ|LOT|BAT)\s+([^/\x1d]+)/g;

/**
 * Return what a code says: a part number and the number of a piece where it names both, else it as it is.
 * @param {string} code
 */
export function parsed(code) {
  const found = { part: "", lot: "", plain: code.trim() };
  for (const [, field = "", value = ""] of code.matchAll(FIELDS)) {
    if (field.startsWith("PN")) found.part = value.trim();
    else found.lot = value.trim();
  }
  return found;
}

/**
 * Fill the fields of a part that is used from a code, and say what was found.
 * @param {HTMLFormElement} form
 * @param {string} code
 * @param {Job} job
 */
export function fillIssue(form, code, job) {
  const { part, lot, plain } = parsed(code);
  const pieces = job.stock.filter((one) => (lot ? one.lot === lot && (!part || one.part === part) : same(one.lot, plain)));
  const ofPart = job.stock.filter((one) => same(one.part, part || plain));
  const stock = pieces[0] ?? ofPart.find((one) => one.reservation) ?? (ofPart.length === 1 ? ofPart[0] : undefined);
  const number = stock?.part ?? (part || (ofPart[0]?.part ?? plain));
  const need = job.parts.find((one) => one.part === number || one.alternates.includes(number));
  set(form, "issue.part", number);
  set(form, "issue.lot", stock?.lot ?? lot);
  if (stock) {
    set(form, "issue.origin", stock.place);
    set(form, "issue.condition", stock.condition);
  }
  set(form, "issue.owner", stock?.owner ?? "");
  set(form, "issue.reservation", stock?.reservation ?? "");
  set(form, "issue.replaces", need && need.part !== number ? need.part : "");
  if (stock) return say("found_stock", { part: stock.part, lot: stock.lot ?? "", quantity: stock.quantity, place: stock.place });
  return say(need ? "found_part" : "found_nothing", { part: number, code: number });
}

/**
 * Fill the fields of a unit that was removed from a code.
 * @param {HTMLFormElement} form
 * @param {string} code
 */
export function fillRemoval(form, code) {
  const { part, lot, plain } = parsed(code);
  if (part) set(form, "removal.part", part);
  set(form, "removal.serial", lot || (part ? "" : plain));
}

/**
 * Let a field take a photo of a code, where the browser reads codes.
 * @param {HTMLElement} holder
 * @param {(code: string | undefined) => void} seen
 */
export function useCamera(holder, seen) {
  const Detector = /** @type {any} */ (window).BarcodeDetector;
  if (!Detector) return;
  holder.hidden = false;
  const field = /** @type {HTMLInputElement} */ (holder.querySelector("[data-camera]"));
  field.addEventListener("change", async () => {
    const photo = field.files?.[0];
    if (!photo) return;
    const [code] = await new Detector().detect(await createImageBitmap(photo));
    field.value = "";
    seen(code?.rawValue);
  });
}

/**
 * @param {string | null} one
 * @param {string} other
 */
function same(one, other) {
  return one !== null && one.toUpperCase() === other.toUpperCase();
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {string} value
 */
function set(form, name, value) {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = value;
}
