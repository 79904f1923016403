/**
 * All apps answer the same paths, each below its prefix; `pool` is the name in the configuration. What an ASGI application is sent on
 * one WebSocket it cannot send to others by itself: the chat is for those that can. Nor does it get forms parsed.
 */
export const APPS = [
  { prefix: "php", pool: "php", title: "PHP", hasChat: true, takesForms: true },
  { prefix: "py", pool: "python", title: "Python", hasChat: false, takesForms: false },
  { prefix: "ts", pool: "typescript", title: "TypeScript", hasChat: true, takesForms: true },
];

/** Requests under way, by URL, with what wants to know how long they took. */
const waiting = new Map();
let askedCount = 0;

new PerformanceObserver((list) => {
  for (const { name, requestStart, responseStart } of list.getEntries())
    waiting.get(name)?.(responseStart - requestStart);
}).observe({ type: "resource" });

/**
 * What an app answered, and `ms`, the milliseconds from the last byte that was sent to the first that came back. A browser has six
 * connections to a server that speaks HTTP/1.1; what a request waits for one of them is not in it.
 */
export async function ask(path) {
  const url = new URL(path, location);
  url.searchParams.set("n", ++askedCount);
  const timed = new Promise((resolve) => waiting.set(url.href, resolve));
  try {
    const response = await fetch(url);
    const answer = await response.json();
    if (!response.ok) throw new Error(`the answer was ${response.status}`);
    return { ...answer, ms: await timed };
  } finally {
    waiting.delete(url.href);
  }
}

/**
 * Whether an app is there; where the configuration has a fixed answer in its place, that tells what to type.
 * @returns {Promise<{ worker: object } | { hint: string }>}
 */
export async function findApp({ prefix }) {
  const response = await fetch(`/${prefix}/hello/${encodeURIComponent("World")}`);
  if (response.ok) return response.json();
  return { hint: response.status === 503 ? await response.text() : `It answers ${response.status}.` };
}
