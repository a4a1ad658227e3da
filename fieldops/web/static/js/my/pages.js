/** The pages of the field on the device, so that they are there off line; only those of whoever is signed in. */

import { OWNER } from "./store.js";
import { user } from "./words.js";

const BOX = `fieldops-pages ${user}`;
const FILES = "fieldops-files";

/** Have the browser answer by itself off line, and keep the own days and the cards of their jobs. */
export async function keepPages() {
  if (!("serviceWorker" in navigator) || !("caches" in window)) return;
  localStorage.setItem(OWNER, user);
  await navigator.serviceWorker.register("/sw.js", { scope: "/my" });
  const box = await caches.open(BOX);
  const days = await fresh("/my");
  if (!days) return;
  const shown = new DOMParser().parseFromString(days, "text/html");
  const cards = [...shown.querySelectorAll("a.ride")].map((link) => new URL(link.getAttribute("href") ?? "", location.href).pathname);
  for (const { url } of await box.keys()) {
    if (!["/my", ...cards].includes(new URL(url).pathname)) await box.delete(url);
  }
  // all cards anew from the page of the days; from a card that one, and those that are not kept yet
  for (const card of cards) {
    if (["/my", card].includes(location.pathname) || !(await box.match(card))) await fresh(card);
  }
  await keepFiles();
  document.documentElement.dataset.kept = "";
}

/**
 * Return a page as the server has it now, and keep it; none where it is not reached, or shows another page.
 * @param {string} path
 * @returns {Promise<string | undefined>}
 */
export async function fresh(path) {
  try {
    const answer = await fetch(path, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return undefined;
    const text = await answer.text();
    const theirs = new DOMParser().parseFromString(text, "text/html").querySelector('meta[name="user"]')?.getAttribute("content");
    if (theirs !== user) return undefined;
    if ("caches" in window) await (await caches.open(BOX)).put(path, new Response(text, { headers: { "Content-Type": "text/html; charset=utf-8" } }));
    return text;
  } catch {
    return undefined;
  }
}

/** Keep the files that this page has loaded: before the worker is there it does not see them. */
async function keepFiles() {
  const box = await caches.open(FILES);
  /** @type {string[]} */
  const loaded = await new Promise((resolve) => {
    const seen = new PerformanceObserver((told) => {
      seen.disconnect();
      resolve(told.getEntries().map((one) => one.name));
    });
    seen.observe({ type: "resource", buffered: true });
  });
  const own = new Set(loaded.filter((name) => new URL(name).pathname.startsWith("/static/") || name.endsWith("/manifest.webmanifest")));
  await Promise.all([...own].map(async (name) => (await box.match(name)) ?? box.add(name)));
}
