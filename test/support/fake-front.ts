import { writeSync } from "node:fs";
import { openControlChannel } from "../../src/engine/control-channel.ts";
import { type FrontMessage, type MasterMessage, parseMasterMessage } from "../../src/engine/control-message.ts";
import { FRONT_CONTROL_FD } from "../../src/engine/front/front-process.ts";

const STATUS = { isReady: true, workerCount: 1, busyCount: 0, connectionCount: 0 };

/**
 * A program that plays a front for the tests of its master. Its one argument is how: `obedient` starts, lives and stops as told, `cutting`
 * says that it cut something, `silent` starts and never answers again, `lying` breaks the protocol, `leaving` has a worker and
 * dies when it is told to stop, `failing` cannot start.
 */
const behaviour = process.argv[2];

let say: (message: FrontMessage) => void = () => {};

await openControlChannel<MasterMessage, FrontMessage>({
  fd: FRONT_CONTROL_FD,
  parse: parseMasterMessage,
  onOpen(channel) {
    say = (message) => channel.send(message);
  },
  onMessage: hear,
  onClose: leave,
});

function hear(message: MasterMessage): void {
  switch (message.kind) {
    case "start":
      start(message.listenFds.flat());
      break;
    case "accept":
    case "peers":
    case "credentials":
    case "recycle":
    case "reload":
    case "verdict":
    case "resize":
    case "reopen-logs":
    case "drain":
    case "refresh":
    case "log-level":
    case "report":
      break; // It shows no certificate, has no workers and writes no log.
    case "ping":
      if (behaviour !== "silent") say({ kind: "pong", status: STATUS });
      break;
    case "stop":
      if (behaviour === "leaving") process.kill(process.pid, "SIGKILL");
      say({ kind: "stopped", wasCut: behaviour === "cutting" || message.isNow });
      process.exit(0);
  }
}

/** A liar stays to be killed: its master closes the channel first. */
function leave(): void {
  if (behaviour === "lying") setTimeout(() => process.exit(0), 60_000);
  else process.exit(0);
}

function start(listenFds: readonly number[]): void {
  if (behaviour === "failing") {
    say({ kind: "failed", message: "Cannot serve: this front never does", apps: [] });
    process.exit(1);
  }
  if (behaviour === "lying") {
    writeSync(FRONT_CONTROL_FD, "no message\n");
    return;
  }
  if (behaviour === "leaving") {
    const worker = Bun.spawn(["sleep", "1000"], { stdio: ["ignore", "ignore", "ignore"], detached: true });
    say({ kind: "worker-spawned", pid: worker.pid });
  }
  say({ kind: "started", status: { ...STATUS, connectionCount: listenFds.length } });
}
