/** Answers for the server off line: the pages of the field as they were kept, and what they need to look right. */

const worker = /** @type {any} */ (self);
const FILES = "fieldops-files";
const PATIENCE_MS = 6_000;

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== worker.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (pathname.startsWith("/static/") || pathname === "/manifest.webmanifest") event.respondWith(file(request));
});

/**
 * A page from the server; where that cannot be reached or is too slow, as it was kept.
 * @param {Request} request
 */
async function page(request) {
  const { pathname } = new URL(request.url);
  const asked = fetch(request);
  asked.catch(() => undefined);
  try {
    return await Promise.race([asked, late()]);
  } catch {
    return (await caches.match(pathname, { ignoreVary: true })) ?? asked;
  }
}

/** @returns {Promise<never>} */
function late() {
  return new Promise((_resolve, reject) => setTimeout(() => reject(new Error("late")), PATIENCE_MS));
}

/**
 * A file from the server, kept for when that cannot be reached.
 * @param {Request} request
 */
async function file(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) (await caches.open(FILES)).put(request.url, answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(request.url, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}
