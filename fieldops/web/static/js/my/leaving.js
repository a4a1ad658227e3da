/** Signing out: it warns while something waits to be sent, and takes from the device all that is kept of the user. */

import { note } from "../toast.js";
import { say } from "../words.js";
import { OWNER, forget, reports } from "./store.js";

/**
 * Sign out by a form, unless somebody would rather send first what waits.
 * @param {HTMLFormElement} form
 * @param {string} user
 */
export async function leave(form, user) {
  if (!navigator.onLine) return note(say("unreachable"), { kind: "failed" });
  const waiting = (await reports(user)).filter((one) => one.standing !== "quarantined").length;
  if (waiting && !(await agreed(waiting))) return;
  await forget(user);
  await forgetPages();
  form.submit();
}

/** Take from the device the pages that it keeps, whoever they are of. */
export async function forgetPages() {
  localStorage.removeItem(OWNER);
  if (!("caches" in window)) return;
  const boxes = (await caches.keys()).filter((name) => name.startsWith("fieldops-pages "));
  await Promise.all(boxes.map((name) => caches.delete(name)));
}

/**
 * @param {number} waiting
 * @returns {Promise<boolean>}
 */
function agreed(waiting) {
  const dialog = document.createElement("dialog");
  const told = document.createElement("p");
  told.id = "leaving-told";
  told.textContent = say("leaving", { count: waiting });
  const form = document.createElement("form");
  form.method = "dialog";
  form.append(button("stay", "quiet"), button("leave", "danger"));
  dialog.setAttribute("aria-labelledby", told.id);
  dialog.append(told, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "leave");
    }),
  );
}

/**
 * @param {string} value
 * @param {string} kind
 */
function button(value, kind) {
  const made = document.createElement("button");
  made.value = value;
  made.className = kind;
  made.textContent = say(value);
  return made;
}
