import type { FrontSummary, InstanceReport, PoolReport } from "../../admin/front-report.ts";
import { escapeUnprintable } from "../../base/printable.ts";
import type { WorkerStatus } from "../../workers/pool-status.ts";

const MS_PER_SECOND = 1_000;
const BYTES_PER_MIB = 1024 * 1024;

/** What `vilya status` prints: the instance, then a line for each app. */
export function renderStatus(report: InstanceReport): string {
  const { name, version, masterPid, front, fronts, uptimeMs, configFile } = report;
  const state = stateOf(report);
  const lines = [
    `vilya ${version}  instance ${name}  ${state}  up ${duration(uptimeMs)}  master ${masterPid}${renderPids(fronts)}`,
    `  config  ${configFile ?? "none"}`,
    ...(fronts.length > 1 ? fronts.map(renderFront) : []),
    ...(front?.listeners ?? []).map((each) => `  listener ${each.name}  ${connections(each.connectionCount)}`),
    ...(front === null ? [] : renderApps(front.pools, front.exchanges)),
  ];
  return lines.map((line) => `${escapeUnprintable(line)}\n`).join("");
}

/** What `vilya workers` prints: a line for each worker. */
export function renderWorkers({ front }: InstanceReport): string {
  const head = ["APP", "WORKER", "PID", "GEN", "STATE", "SERVED", "IN FLIGHT", "MEMORY", "READY FOR", "REQUEST"];
  const rows = (front?.pools ?? []).flatMap(({ app, workers }) =>
    workers.map((worker) => [
      escapeUnprintable(app),
      String(worker.id),
      String(worker.pid ?? "-"),
      String(worker.generation),
      worker.state === "ready" ? (worker.inFlightCount > 0 ? "busy" : "idle") : worker.state,
      String(worker.servedCount),
      String(worker.inFlightCount),
      mebibytes(worker.residentBytes),
      worker.readyMs === null ? "-" : duration(worker.readyMs),
      renderRequest(worker),
    ]),
  );
  return renderTable([head, ...rows]);
}

function connections(count: number): string {
  return `${count} ${count === 1 ? "connection" : "connections"}`;
}

function renderPids(fronts: readonly FrontSummary[]): string {
  const pids = fronts.flatMap(({ pid }) => pid ?? []);
  return pids.length === 0 ? "" : `, ${pids.length === 1 ? "front" : "fronts"} ${pids.join(" ")}`;
}

function renderFront({ index, pid, state, connectionCount, requestCount, residentBytes }: FrontSummary): string {
  const facts = `${connections(connectionCount)}  ${requestCount} requests  ${mebibytes(residentBytes)}`;
  return `  front ${index}  ${state}${pid === null ? "" : `  pid ${pid}  ${facts}`}`;
}

function renderApps(
  pools: readonly PoolReport[],
  exchanges: NonNullable<InstanceReport["front"]>["exchanges"],
): readonly string[] {
  const head = ["  APP", "STATE", "WORKERS", "BUSY", "WAITING", "REQUESTS", "CRASHED", "MEMORY"];
  const rows = pools.map(({ app, status, workers }) => [
    `  ${escapeUnprintable(app)}`,
    status.state,
    `${status.workerCount}/${status.desiredCount}`,
    String(status.busyCount),
    String(status.waitingCount),
    String(
      sum(exchanges.filter((each) => each.app === app).flatMap((each) => each.requests.map(({ count }) => count))),
    ),
    String(status.counters.crashedCount),
    mebibytes(sum(workers.map(({ residentBytes }) => residentBytes))),
  ]);
  return rows.length === 0
    ? []
    : renderTable([head, ...rows])
        .trimEnd()
        .split("\n");
}

function renderRequest({ request, requestAgeMs }: WorkerStatus): string {
  return requestAgeMs === null ? "-" : `${duration(requestAgeMs)}  ${escapeUnprintable(request ?? "")}`.trimEnd();
}

function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** `12.3s`, `4m 5s`, `3h 2m`, `2d 3h`: the two largest units. */
function duration(ms: number): string {
  const seconds = ms / MS_PER_SECOND;
  if (seconds < 60) return `${seconds.toFixed(1)}s`;
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  if (hours === 0) return `${minutes}m ${Math.floor(seconds % 60)}s`;
  return days === 0 ? `${hours}h ${minutes % 60}m` : `${days}d ${hours % 24}h`;
}

function mebibytes(bytes: number): string {
  return bytes === 0 ? "-" : `${Math.round(bytes / BYTES_PER_MIB)} MiB`;
}

function stateOf({ front, isStopping, isDrained }: InstanceReport): string {
  if (isStopping) return "stopping";
  if (front === null) return "no front answers";
  if (isDrained) return "drained";
  return front.isReady ? "ready" : "not ready";
}
