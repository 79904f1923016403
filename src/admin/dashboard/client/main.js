import { actionButton, reload } from "./actions.js";
import { Charts } from "./charts.js";
import { make, setText } from "./elements.js";
import { follow } from "./feed.js";
import { bytes, count, duration, milliseconds, rate } from "./format.js";
import { alertsOf, showFronts } from "./fronts.js";
import { LogView } from "./log.js";
import { showApps, showEnds, showSlow, showWorkers } from "./tables.js";

/** An event loop that is late by this much is worth a mark. */
const LOOP_DELAY_MARK_MS = 100;

const THEME_KEY = "vilya-theme";

const byId = (id) => document.getElementById(id);

followTheme();
const charts = new Charts();
const log = new LogView();

const reloadAll = actionButton("Reload all", "Reload the configuration and all apps", () => reload(null));
byId("reload-all").replaceWith(reloadAll);

void follow({
  history(points) {
    log.clear();
    charts.points = points;
  },
  sample({ report, point }) {
    showInstance(report);
    if (point !== null) {
      charts.add(point);
      showTiles(point, report.front);
    }
    const pools = report.front?.pools ?? [];
    showApps(pools, point);
    showFronts(report.fronts);
    showWorkers(pools);
    showSlow(report.front?.slowRequests ?? []);
    showEnds(pools);
    showAlerts(report);
  },
  log: (record) => log.add(record),
  state(state) {
    if (state === "lost") setPill("No connection", "bad");
    if (state === "token") setPill("Locked", "warn");
  },
});

function showInstance({ name, version, configFile, uptimeMs, front, isStopping, isDrained }) {
  document.title = `${name} · Vilya`;
  setText(byId("instance"), name);
  const facts = [`Vilya ${version}`, `up ${duration(uptimeMs)}`, configFile].filter(Boolean);
  setText(byId("facts"), facts.join(" · "));
  if (isStopping) setPill("Stopping", "warn");
  else if (isDrained) setPill("Drained", "warn");
  else if (front === null) setPill("No front answers", "bad");
  else if (front.isReady) setPill("Ready", "good");
  else setPill("Not ready", "warn");
}

function setPill(text, kind) {
  const pill = byId("state");
  pill.className = `pill ${kind}`;
  setText(pill, text);
}

function showTiles(point, front) {
  const { counters } = sumPools(front.pools);
  const share = point.requestsPerS === 0 ? 0 : point.errorsPerS / point.requestsPerS;
  tile(
    "rate",
    rate(point.requestsPerS),
    "/s",
    `${(100 * share).toFixed(share > 0 && share < 0.1 ? 2 : 0)} % errors`,
    share > 0.01 ? "bad" : "",
  );
  tile(
    "latency",
    ...split(milliseconds(point.p95Ms)),
    `p50 ${milliseconds(point.p50Ms)} · p99 ${milliseconds(point.p99Ms)}`,
  );
  const isFull = point.workerCount > 0 && point.busyCount >= point.workerCount;
  tile(
    "workers",
    point.busyCount,
    `of ${point.workerCount}`,
    isFull ? "all busy" : `${counters.crashed} crashed so far`,
  );
  tile(
    "queue",
    count(point.waitingCount),
    "",
    `${count(counters.rejected)} turned away so far`,
    point.waitingCount > 0 ? "warn" : "",
  );
  tile(
    "connections",
    count(point.connectionCount),
    "",
    `event loop ${milliseconds(point.loopDelayMs)} late`,
    point.loopDelayMs > LOOP_DELAY_MARK_MS ? "warn" : "",
  );
  tile("memory", ...split(bytes(point.workerBytes)), `front ${bytes(front.residentBytes)}`);
}

function tile(name, value, unit, more, kind = "") {
  const element = byId(`tile-${name}`);
  const text = `${value}${unit}`;
  if (element.textContent !== text) element.replaceChildren(`${value}`, make("small", "", unit));
  element.parentElement.className = `tile ${kind}`;
  setText(byId(`tile-${name}-more`), more);
}

/** `12 ms` in two. */
function split(text) {
  const [value, unit = ""] = text.split(" ");
  return [value, unit];
}

function sumPools(pools) {
  const sum = (of) => pools.reduce((total, { status }) => total + of(status.counters), 0);
  const rejected = sum(({ refusedCounts }) => Object.values(refusedCounts).reduce((total, each) => total + each, 0));
  return { counters: { crashed: sum(({ crashedCount }) => crashedCount), rejected } };
}

/** What somebody should look at, in words. */
function showAlerts({ front, fronts, frontDeathCount }) {
  const alerts = alertsOf(fronts);
  if (frontDeathCount > 0)
    alerts.push(
      `${frontDeathCount} ${frontDeathCount === 1 ? "front has" : "fronts have"} died and been replaced; the log says why.`,
    );
  if (front !== null && front.loopDelayMs > LOOP_DELAY_MARK_MS)
    alerts.push(
      `${fronts.length < 2 ? "The" : "A"} front's event loop was held up for ${milliseconds(front.loopDelayMs)}.`,
    );
  for (const { app, status, workers } of front?.pools ?? []) {
    if (status.stallCount > 0)
      alerts.push(
        `${app}: requests waited while a worker was idle, ${status.stallCount} times. This is a fault of the engine.`,
      );
    if (status.state === "unavailable") alerts.push(`${app}: its workers do not start.`);
    const growing = workers.filter(({ growth }) => growth !== null);
    if (growing.length > 0) {
      const most = Math.max(...growing.map(({ growth }) => growth.bytesPerRequest));
      alerts.push(
        `${app}: the memory of ${growing.length} of ${workers.length} workers grows, by up to ${bytes(most)} a request.`,
      );
    }
  }
  const box = byId("alerts");
  const text = alerts.join("\n");
  if (box.shown === text) return;
  box.shown = text;
  box.replaceChildren(...alerts.map((alert) => make("p", "", alert)));
}

function followTheme() {
  const root = document.documentElement;
  const chosen = localStorage.getItem(THEME_KEY);
  if (chosen !== null) root.dataset.theme = chosen;
  byId("theme").addEventListener("click", () => {
    const isDark =
      root.dataset.theme === undefined
        ? matchMedia("(prefers-color-scheme: dark)").matches
        : root.dataset.theme === "dark";
    root.dataset.theme = isDark ? "light" : "dark";
    localStorage.setItem(THEME_KEY, root.dataset.theme);
    charts.restyle();
  });
}
