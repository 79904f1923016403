import { byId, formatCount, formatDuration } from "./dom.js";
import { showAnswerOf, showTree } from "./tree.js";

let last = null;

/** Follows the engine by server-sent events: what it has served, and the workers of each pool. */
export function followEngine() {
  const events = new EventSource("/ts/events");
  const state = byId("stream-state");
  events.addEventListener("open", () => say(true));
  events.addEventListener("error", () => say(false)); // EventSource comes back by itself.
  events.addEventListener("engine", ({ data }) => {
    const { process, engine } = JSON.parse(data);
    show(engine);
    showAnswerOf(process);
  });

  function say(isLive) {
    state.textContent = isLive ? "live" : "reconnecting";
    state.dataset.on = isLive;
  }
}

function show(engine) {
  byId("engine-note").hidden = engine !== null;
  if (engine === null) return;
  byId("version").textContent = `Vilya ${engine.version}`;
  byId("uptime").textContent = formatDuration(engine.uptimeMs);
  byId("worker-count").textContent = formatCount(engine.pools.reduce((sum, { workers }) => sum + workers.length, 0));
  if (last !== null && engine.uptimeMs > last.uptimeMs) {
    const rate = ((engine.requestCount - last.requestCount) * 1_000) / (engine.uptimeMs - last.uptimeMs);
    byId("request-rate").textContent = formatCount(Math.max(0, Math.round(rate)));
  }
  last = engine;
  showTree(engine);
}
