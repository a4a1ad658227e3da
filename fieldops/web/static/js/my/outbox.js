/** What waits to be sent and what needs its sender, on top of every page of the field. */

import { moment } from "../words.js";
import { drop, hindrance, send } from "./queue.js";
import { reports, sheetOf } from "./store.js";
import { job, say, user } from "./words.js";

/** @typedef {import("./store.js").Kept} Kept */

const place = /** @type {HTMLElement} */ (document.getElementById("outbox"));
const title = /** @type {HTMLElement} */ (place.querySelector("[role=status]"));
const list = /** @type {HTMLElement} */ (place.querySelector("ul"));
const sending = /** @type {HTMLButtonElement} */ (place.querySelector("button"));
const signingIn = /** @type {HTMLAnchorElement} */ (place.querySelector("a"));

/** @param {(one: Kept) => Promise<void>} correct */
export async function showOutbox(correct) {
  const kept = await reports(user);
  const waiting = kept.filter((one) => one.standing === "waiting").length;
  const needing = kept.length - waiting;
  place.hidden = !kept.length;
  title.textContent = [waiting && counted("waiting", waiting), needing && counted("refused", needing)].filter(Boolean).join(" · ");
  list.replaceChildren(...kept.map((one) => row(one, correct)));
  signingIn.hidden = hindrance !== "signed_out";
  signingIn.href = `/signin?next=${encodeURIComponent(location.pathname)}`;
  signingIn.textContent = say("sign_in");
  sending.hidden = !waiting || hindrance === "signed_out";
  const badge = /** @type {any} */ (navigator);
  if (kept.length) badge.setAppBadge?.(kept.length).catch(() => undefined);
  else badge.clearAppBadge?.().catch(() => undefined);
  return kept;
}

/**
 * @param {string} name
 * @param {number} count
 */
function counted(name, count) {
  return say(count === 1 ? `${name}_one` : name, { count });
}

/**
 * @param {Kept} one
 * @param {(one: Kept) => Promise<void>} correct
 */
function row(one, correct) {
  const item = document.createElement("li");
  const told = document.createElement("p");
  const code = document.createElement("a");
  code.className = "code";
  code.href = `/my/jobs/${encodeURIComponent(one.report.job)}`;
  code.textContent = one.report.job;
  const at = document.createElement("time");
  at.dateTime = one.report.happened_at;
  at.textContent = moment(one.report.happened_at);
  told.append(code, ` ${one.name} `, at);
  item.append(told);
  if (one.standing === "waiting") return item;
  const why = document.createElement("p");
  why.className = "why";
  why.textContent = one.standing === "quarantined" ? say("quarantined", { detail: one.detail }) : one.detail;
  item.append(why);
  const here = job()?.job === one.report.job && document.getElementById(`form-${sheetOf(one.report)}`);
  if (one.standing === "refused" && here && !one.picture) item.append(button("correct", () => void correct(one)));
  item.append(button(one.standing === "refused" ? "discard" : "understood", () => void drop(one.id)));
  return item;
}

/**
 * @param {string} name
 * @param {() => void} run
 */
function button(name, run) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "plain";
  made.textContent = say(name);
  made.addEventListener("click", run);
  return made;
}

sending.addEventListener("click", () => void send());
