import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** Where the demo listens unless told otherwise: the port of both demo configurations. */
const PORT_DEFAULT = 8888;
/** Where its admin listener is, unless somebody else is there. */
const ADMIN_PORT_DEFAULT = 9090;
/** How many ports are tried, from a default on. */
const PORT_TRIES = 20;
/** A server that does not answer within this is not waited for. */
const READY_DEADLINE_MS = 30_000;

/**
 * The port for the demo: what the user asked for (`--port`, `VILYA_PORT`, `PORT`), or else the first free one from the default on.
 * @param {readonly string[]} args
 * @returns {Promise<{ port: number, isChosen: boolean }>} `isChosen` when the user said nothing and the port has to be passed on.
 * @throws {Error} when the port that was asked for is no port or is taken.
 */
export async function choosePort(args) {
  const asked = askedPort(args);
  if (asked === undefined) {
    const port = await firstFree(PORT_DEFAULT);
    if (port !== undefined) return { port, isChosen: true };
    const last = PORT_DEFAULT + PORT_TRIES - 1;
    throw new Error(
      `Cannot start the demo: ports ${PORT_DEFAULT} to ${last} are taken, PORT=NUMBER npm start chooses another`,
    );
  }
  const port = Number(asked.value);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`Cannot start the demo: ${asked.source} is '${asked.value}', allowed is a port from 1 to 65535`);
  }
  if (!(await isFree(port))) {
    throw new Error(
      `Cannot start the demo: port ${port} (${asked.source}) is taken, choose another with PORT=NUMBER npm start, ` +
        `or find who has it with: ss -ltnp 'sport = :${port}'`,
    );
  }
  return { port, isChosen: asked.source === "PORT" };
}

/**
 * The port for the demo's admin listener. Without a free one it is the default, and the engine starts without that listener.
 * @returns {Promise<number>}
 */
export async function chooseAdminPort() {
  return (await firstFree(ADMIN_PORT_DEFAULT)) ?? ADMIN_PORT_DEFAULT;
}

/**
 * Waits until something answers on the port or the server is gone.
 * @param {number} port
 * @param {() => boolean} hasExited
 * @returns {Promise<boolean>} whether it answers.
 */
export async function answersOn(port, hasExited) {
  const deadlineMs = performance.now() + READY_DEADLINE_MS;
  while (!hasExited() && performance.now() < deadlineMs) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2_000) });
      if (response.ok) return true;
    } catch {
      // Not listening yet.
    }
    await pause(100);
  }
  return false;
}

/**
 * @param {readonly string[]} args
 * @returns {{ value: string, source: string } | undefined}
 */
function askedPort(args) {
  const index = args.findIndex((arg) => /^--?port(?:=|$)/.test(arg));
  const flag = args[index];
  if (flag !== undefined) return { value: flag.split("=")[1] ?? args[index + 1] ?? "", source: "--port" };
  const source = ["VILYA_PORT", "PORT"].find((name) => process.env[name]);
  return source === undefined ? undefined : { value: process.env[source] ?? "", source };
}

/**
 * @param {number} start
 * @returns {Promise<number | undefined>} undefined when as many as are tried are taken.
 */
async function firstFree(start) {
  for (let port = start; port < start + PORT_TRIES; port++) {
    if (await isFree(port)) return port;
  }
  return undefined;
}

/**
 * Whether nobody listens on the port, on any address of this machine.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "0.0.0.0", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
