/** Photos of a job: taken, made smaller, kept on the device until they are sent; struck out where they are wrong. */

import { Problem, ask } from "../api.js";
import { failed, note } from "../toast.js";
import { report } from "./queue.js";
import { job, say } from "./words.js";

const SIDE_MAX = 2560;
const BYTES_MAX = 5 * 1024 * 1024;
const QUALITY = 0.85;
const TAKEN = new Set(["image/jpeg", "image/png", "image/webp"]);
const shown = /** @type {HTMLElement} */ (document.getElementById("shown"));
/** What the sheet that is open is about. @type {{picture?: Blob, step?: number, photo?: string, version?: string}} */
let about = {};

/**
 * Make the photos of the card work; `kept` is called once one is kept, `changed` once one is struck out.
 * @param {() => void} kept
 * @param {() => void} changed
 */
export function usePhotos(kept, changed) {
  shown.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && "photo" in event.target.dataset) void take(event.target);
  });
  shown.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("[data-strike]")) : null;
    if (button) open("strike", { photo: button.dataset.strike, version: button.dataset.version });
  });
  onSubmit("photo", async (form) => {
    const told = text(form, "note");
    const { picture, step } = about;
    const facts = job();
    if (facts && picture) await report(facts.job, "photo", told ?? say("photo"), { ...(told && { note: told }), ...(step && { step }) }, picture);
    kept();
  });
  onSubmit("strike", async (form) => {
    const path = `/jobs/${encodeURIComponent(job()?.job ?? "")}/photos/${about.photo ?? ""}/strike`;
    await ask("POST", path, { reason: text(form, "reason") }, { version: about.version, key: `${about.photo ?? ""}-${about.version ?? ""}` });
    changed();
  });
}

/** @param {HTMLInputElement} field */
async function take(field) {
  const [file] = field.files ?? [];
  field.value = "";
  if (!file) return;
  const picture = await smaller(file);
  if (!picture) return note(say("no_photo"), { kind: "failed" });
  if (picture.size > BYTES_MAX) return note(say("shrunk_too_little"), { kind: "failed" });
  open("photo", { picture, step: Number(field.dataset.photoStep) || undefined });
}

/**
 * Return a picture upright and as large as is of use, without where it was taken; none that cannot be read.
 * @param {File} file
 * @returns {Promise<Blob | undefined>}
 */
async function smaller(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const made = await new Promise((/** @type {(made: Blob | null) => void} */ resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    if (made) return made;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
  return TAKEN.has(file.type) ? file : undefined;
}

/**
 * @param {string} kind
 * @param {typeof about} what
 */
function open(kind, what) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById(`form-${kind}`));
  about = what;
  dialog.querySelector("form")?.reset();
  const size = dialog.querySelector("[data-photo-told]");
  if (size && what.picture) size.textContent = `${Math.ceil(what.picture.size / 1024)} KB`;
  dialog.showModal();
}

/**
 * @param {string} kind
 * @param {(form: HTMLFormElement) => Promise<void>} run
 */
function onSubmit(kind, run) {
  const dialog = document.getElementById(`form-${kind}`);
  const form = dialog?.querySelector("form");
  if (!(dialog instanceof HTMLDialogElement) || !form) return;
  form.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const submit = /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]"));
    submit.disabled = true;
    run(form)
      .then(() => dialog.close())
      .catch((error) => {
        if (!(error instanceof Problem)) throw error;
        failed(error);
      })
      .finally(() => (submit.disabled = false));
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function text(form, name) {
  const field = form.elements.namedItem(name);
  return (field instanceof HTMLInputElement && field.value.trim()) || undefined;
}
