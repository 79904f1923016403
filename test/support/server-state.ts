import { readdirSync } from "node:fs";
import { descriptorCount } from "./process-table.ts";
import { until } from "./until.ts";
import type { VilyaServer } from "./vilya.ts";

/** What a server holds of the machine when nobody asks it anything. */
export interface ServerState {
  readonly processCount: number;
  readonly masterDescriptorCount: number;
  readonly frontDescriptorCount: number;
  /** In its runtime directory. */
  readonly fileCount: number;
}

/** Descriptors that the runtime opens when it first needs them, and keeps. */
const DESCRIPTOR_SLACK = 2;

/** Looks at a server before a fault; `untilAsBefore` waits for it to be like that again. */
export class BeforeFault {
  readonly #server: VilyaServer;
  readonly #before: ServerState;

  /** Use `of`. */
  constructor(server: VilyaServer, before: ServerState) {
    this.#server = server;
    this.#before = before;
  }

  static async of(server: VilyaServer): Promise<BeforeFault> {
    return new BeforeFault(server, await stateOf(server));
  }

  /** @throws when the server has another number of processes, or more descriptors or files, or has left zombies; the message has both. */
  async untilAsBefore(): Promise<void> {
    let now = this.#before;
    const before = this.#before;
    const settled = until("as many processes, descriptors and files as before the fault", async () => {
      now = await stateOf(this.#server);
      return (
        now.processCount === before.processCount &&
        now.masterDescriptorCount <= before.masterDescriptorCount + DESCRIPTOR_SLACK &&
        now.frontDescriptorCount <= before.frontDescriptorCount + DESCRIPTOR_SLACK &&
        now.fileCount <= before.fileCount &&
        this.#server.zombies().length === 0
      );
    });
    await settled.catch((error: unknown) => {
      throw new Error(`${String(error)}\nbefore ${JSON.stringify(before)}\nnow ${JSON.stringify(now)}`, {
        cause: error,
      });
    });
  }
}

async function stateOf(server: VilyaServer): Promise<ServerState> {
  const runtimeDirectory = server.runtimeDirectory;
  const files = runtimeDirectory === null ? [] : readdirSync(runtimeDirectory, { recursive: true });
  return {
    processCount: server.processes().length,
    masterDescriptorCount: server.descriptorCount(),
    frontDescriptorCount: countOf(await server.frontPid()),
    fileCount: files.length,
  };
}

/** 0 for a process that has gone meanwhile. */
function countOf(pid: number): number {
  try {
    return descriptorCount(pid);
  } catch {
    return 0;
  }
}
