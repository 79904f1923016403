import { keyed, make, setText } from "./elements.js";
import { bytes, count, duration, milliseconds } from "./format.js";

/** How several fronts are told apart; of one alone the rest of the page tells everything. */

const STATES = { ready: "ready", "not-ready": "not ready", silent: "does not answer", gone: "starting" };

/** As the dots of workers and apps are coloured. */
const COLOURS = { ready: "ready", "not-ready": "degraded", silent: "unavailable", gone: "starting" };

export function showFronts(fronts) {
  document.getElementById("fronts").hidden = fronts.length < 2;
  keyed(document.getElementById("front-rows"), fronts, ({ index }) => index, createFront, updateFront);
}

/** What somebody should look at, in words. */
export function alertsOf(fronts) {
  const silent = fronts.filter(({ state }) => state === "silent");
  return fronts.length < 2
    ? []
    : silent.map(({ index }) => `Front ${index} does not answer; another one accepts in its place.`);
}

function createFront({ index }) {
  const row = make("tr", "");
  const names = ["connections", "requests", "delay", "memory", "uptime", "process"];
  const cells = Object.fromEntries(names.map((name) => [name, make("td", "number")]));
  const head = make("th", "", String(index));
  head.scope = "row";
  const state = make("span", "dot");
  row.append(head, make("td", "", state), ...Object.values(cells));
  row.parts = { ...cells, state };
  return row;
}

function updateFront({ parts }, front) {
  const { state, pid, connectionCount, requestCount, loopDelayMs, residentBytes, uptimeMs } = front;
  parts.state.className = `dot ${COLOURS[state]}`;
  setText(parts.state, STATES[state]);
  const answers = state === "ready" || state === "not-ready";
  const shown = (text) => (answers ? text : "–");
  setText(parts.connections, shown(count(connectionCount)));
  setText(parts.requests, shown(count(requestCount)));
  setText(parts.delay, shown(milliseconds(loopDelayMs)));
  setText(parts.memory, shown(bytes(residentBytes)));
  setText(parts.uptime, shown(duration(uptimeMs)));
  setText(parts.process, pid === null ? "–" : String(pid));
}
