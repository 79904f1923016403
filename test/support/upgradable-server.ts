import type { UpgradeReport } from "../../src/admin/upgrade-report.ts";
import { phpApp } from "./php-app.ts";
import { isRunning } from "./process-table.ts";
import { until } from "./until.ts";
import { startVilya, type VilyaOptions, type VilyaServer } from "./vilya.ts";

/** A server whose last master is stopped in good order at the end, whichever that is by then. */
export class UpgradableServer implements AsyncDisposable {
  readonly server: VilyaServer;
  masterPid: number;

  constructor(server: VilyaServer) {
    this.server = server;
    this.masterPid = server.pid;
  }

  static async start(options: VilyaOptions = {}): Promise<UpgradableServer> {
    return new UpgradableServer(await startVilya({ config: phpApp(), ...options }));
  }

  /** Asks for an upgrade; returns when the master before it is gone. */
  async upgrade(): Promise<UpgradeReport> {
    const old = this.masterPid;
    const report = await this.takeOver();
    if (report.masterPid !== null) await until("the end of the old master", () => !isRunning(old));
    return report;
  }

  /** Asks for an upgrade; returns when the new master serves, or does not come to that. */
  async takeOver(): Promise<UpgradeReport> {
    const answer = await fetch(`${await this.admin()}/v1/upgrade`, { method: "POST" });
    const report = (await answer.json()) as UpgradeReport;
    this.masterPid = report.masterPid ?? this.masterPid;
    return report;
  }

  /** Where it answers operators. */
  async admin(): Promise<string> {
    return `http://127.0.0.1:${String((await this.server.logged("admin listening")).port)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (isRunning(this.masterPid)) process.kill(this.masterPid, "SIGTERM");
    await until("the end of all processes", () => this.server.processes().length === 0);
    await this.server[Symbol.asyncDispose]();
  }
}
