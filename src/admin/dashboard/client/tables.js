import { actionButton, recycle, reload, scale } from "./actions.js";
import { keyed, make, setText } from "./elements.js";
import { bytes, clock, count, duration, milliseconds, rate } from "./format.js";

/** How the apps, their workers, the slowest requests and the ends of workers are shown. */

export function showApps(pools, point) {
  keyed(
    document.getElementById("app-rows"),
    pools,
    ({ app }) => app,
    createApp,
    (row, pool) => {
      const { app, status, workers } = pool;
      const live = point?.apps.find((each) => each.app === app);
      const { parts } = row;
      row.pool = pool;
      parts.state.className = `dot ${status.state}`;
      setText(parts.state, status.state);
      setText(parts.size, `${status.workerCount}/${status.desiredCount}`);
      parts.busy.max = Math.max(1, status.workerCount);
      parts.busy.value = status.busyCount;
      parts.busy.title = `${status.busyCount} of ${status.workerCount} busy`;
      setText(parts.busyText, ` ${status.busyCount}`);
      setText(parts.waiting, count(status.waitingCount));
      setText(parts.rate, live === undefined ? "–" : rate(live.requestsPerS));
      setText(parts.p95, milliseconds(live?.p95Ms ?? null));
      setText(parts.served, count(status.counters.servedCount));
      setText(parts.crashes, count(status.counters.crashedCount + status.counters.startFailedCount));
      setText(parts.memory, bytes(workers.reduce((sum, { residentBytes }) => sum + residentBytes, 0)));
      parts.fewer.disabled = status.desiredCount <= 1;
    },
  );
}

function createApp({ app }) {
  const row = make("tr", "");
  const numbers = Object.fromEntries(
    ["waiting", "rate", "p95", "served", "crashes", "memory"].map((name) => [name, make("td", "number")]),
  );
  const busy = make("meter", "");
  busy.min = 0;
  busy.setAttribute("aria-label", `Busy workers of ${app}`);
  const busyText = make("span", "dim", "");
  const [state, size] = [make("span", "dot"), make("output", "")];
  const step = (by) => () => scale(app, row.pool.status.desiredCount + by);
  const fewer = actionButton("−", `One worker less for ${app}`, step(-1));
  const more = actionButton("+", `One worker more for ${app}`, step(1));
  for (const button of [fewer, more]) button.classList.add("step");
  const head = make("th", "", app);
  head.scope = "row";
  row.append(
    head,
    make("td", "", state),
    make("td", "", make("span", "row", fewer, size, more)),
    make("td", "", busy, busyText),
    ...Object.values(numbers),
    make(
      "td",
      "",
      make(
        "span",
        "row",
        actionButton("Reload", `Reload ${app}`, () => reload(app)),
        actionButton("Recycle", `Recycle the workers of ${app}`, () => recycle(app)),
      ),
    ),
  );
  row.parts = { ...numbers, busy, busyText, state, size, fewer };
  return row;
}

export function showWorkers(pools) {
  const all = pools.flatMap(({ app, workers }) => workers.map((worker) => ({ app, worker })));
  const rows = all.flatMap((each) => [
    { ...each, kind: "row" },
    { ...each, kind: "detail" },
  ]);
  const isAppShown = pools.length > 1;
  keyed(
    document.getElementById("worker-rows"),
    rows,
    ({ app, worker, kind }) => `${app} ${worker.id} ${kind}`,
    (item) => (item.kind === "row" ? createWorker(item, isAppShown) : createDetail(item)),
    (row, item) => (item.kind === "row" ? updateWorker(row, item) : updateDetail(row, item)),
  );
}

function createWorker({ app, worker }, isAppShown) {
  const row = make("tr", "");
  const names = ["request", "age", "served", "memory", "ready", "generation", "process"];
  const cells = Object.fromEntries(names.map((name) => [name, make("td", name === "request" ? "request" : "number")]));
  const head = make("th", "", isAppShown ? `${app} ${worker.id}` : `${worker.id}`);
  head.scope = "row";
  const [memory, growth] = [document.createTextNode(""), make("span", "badge")];
  cells.memory.append(growth, " ", memory);
  const output = make("button", "button", "Output");
  output.type = "button";
  output.setAttribute("aria-expanded", "false");
  output.setAttribute("aria-label", `Last output of worker ${worker.id} of ${app}`);
  output.addEventListener("click", () => {
    const isOpen = row.nextElementSibling.hidden;
    row.nextElementSibling.hidden = !isOpen;
    output.setAttribute("aria-expanded", String(isOpen));
  });
  const state = make("span", "dot");
  row.append(head, make("td", "", state), ...Object.values(cells), make("td", "", output));
  row.parts = { ...cells, state, memory, growth };
  return row;
}

function updateWorker({ parts }, { worker }) {
  const { state, isBlocked, inFlightCount, growth } = worker;
  const shown = isBlocked ? "blocked" : state === "ready" ? (inFlightCount > 0 ? "busy" : "idle") : state;
  parts.state.className = `dot ${shown}`;
  setText(parts.state, shown);
  setText(parts.request, worker.request ?? "");
  parts.request.title = worker.request ?? "";
  setText(parts.age, worker.requestAgeMs === null ? "" : milliseconds(worker.requestAgeMs));
  setText(parts.served, count(worker.servedCount));
  setText(parts.memory, worker.residentBytes === 0 ? "–" : bytes(worker.residentBytes));
  parts.growth.hidden = growth === null;
  if (growth !== null) {
    setText(
      parts.growth,
      `+${bytes(growth.bytesPerRequest)} a request since ${clock(Date.now() - growth.forMs).slice(0, 5)}`,
    );
  }
  setText(parts.ready, worker.readyMs === null ? "–" : duration(worker.readyMs));
  setText(parts.generation, String(worker.generation));
  setText(parts.process, worker.pid === null ? "–" : String(worker.pid));
}

function createDetail() {
  const row = make("tr", "detail");
  row.hidden = true;
  const text = make("pre", "");
  const cell = make("td", "", text);
  cell.colSpan = 10;
  row.append(cell);
  row.text = text;
  return row;
}

function updateDetail(row, { worker }) {
  setText(row.text, worker.stderr.length === 0 ? "It has written nothing to STDERR." : worker.stderr.join("\n"));
}

export function showSlow(requests) {
  document.getElementById("slow-empty").hidden = requests.length > 0;
  const longestMs = Math.max(1, ...requests.map(({ durationMs }) => durationMs));
  keyed(
    document.getElementById("slow"),
    requests.slice(0, 10),
    ({ arrivedMs, path, durationMs }) => `${arrivedMs} ${path} ${durationMs}`,
    createSlow,
    (element, { durationMs }) => {
      element.phases.style.width = `${Math.max(3, (100 * durationMs) / longestMs)}%`;
    },
  );
}

function createSlow(request) {
  const { method, path, app, status, outcome, arrivedMs, durationMs, latencyMs } = request;
  const [queueMs, workMs] = [Math.max(0, request.queueMs), Math.max(0, request.workMs)];
  const restMs = Math.max(0, durationMs - queueMs - workMs);
  const parts = [
    ["wait", queueMs, "queue"],
    ["work", workMs, "worker"],
    ["rest", restMs, "receive and send"],
  ].filter(([, ms]) => ms > 0);
  const phases = make("div", "phases");
  for (const [name, ms] of parts) {
    const bar = make("span", name);
    bar.style.flex = String(ms);
    phases.append(bar);
  }
  const told = parts.map(([, ms, what]) => `${what} ${milliseconds(ms)}`).join(", ");
  const ending = outcome === "answered" ? String(status) : outcome;
  const line = make(
    "div",
    "line",
    make("span", "what", `${method} ${path}`),
    make("span", "dim", [app ?? "engine", ending, clock(arrivedMs)].join(" · ")),
    make("span", "took", milliseconds(latencyMs)),
  );
  const element = make("li", "", line, make("span", "unseen", told), phases);
  element.title = told;
  element.phases = phases;
  return element;
}

const FAULTS = new Set([
  "crashed",
  "start-failed",
  "start-timeout",
  "protocol-error",
  "request-timeout",
  "cancel-ignored",
  "unresponsive",
]);

export function showEnds(pools) {
  const ends = pools
    .flatMap(({ app, ends }) => ends.map((end) => ({ app, ...end })))
    .toSorted((a, b) => b.endedMs - a.endedMs)
    .slice(0, 12);
  document.getElementById("ends-empty").hidden = ends.length > 0;
  const newestFault = ends.find(({ reason }) => FAULTS.has(reason));
  keyed(document.getElementById("ends"), ends, endKey, createEnd, ({ fold }, end) => {
    // Once: what a reader has folded in stays so.
    if (end === newestFault && fold.isFault && !fold.wasOpened) fold.wasOpened = fold.details.open = true;
  });
}

function endKey({ app, workerId, endedMs }) {
  return `${app} ${workerId} ${endedMs}`;
}

function createEnd({ app, workerId, reason, exitCode, signal, servedCount, readyMs, endedMs, error, stderr }) {
  const isFault = FAULTS.has(reason);
  const how = signal !== null ? `by ${signal}` : exitCode !== null ? `with exit code ${exitCode}` : "";
  const life = readyMs === null ? "never ready" : `after ${duration(readyMs)} and ${count(servedCount)} requests`;
  const details = make(
    "details",
    "",
    make(
      "summary",
      "",
      make("span", isFault ? "why bad" : "why", reason.replaceAll("-", " ")),
      make("span", "", `${app} ${workerId}`),
      make("span", "dim", [how, life].filter(Boolean).join(", ")),
      make("span", "dim", clock(endedMs)),
    ),
  );
  const lines = [...(error === null ? [] : [error]), ...stderr];
  details.append(make("pre", "", lines.length === 0 ? "It had written nothing to STDERR." : lines.join("\n")));
  const element = make("li", "", details);
  element.fold = { details, isFault: isFault && lines.length > 0 };
  return element;
}
