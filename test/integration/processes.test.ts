import { describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outcomeOf, phpApp, startRequest } from "../support/php-app.ts";
import { childrenOf, commandLine, isRunning } from "../support/process-table.ts";
import { STALL_PROOF_S, until } from "../support/until.ts";
import { startVilya } from "../support/vilya.ts";

const OK = /^200 /;

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
}

/** What the descriptors of a process are, STDIN, STDOUT and STDERR left out, and those that are closed while they are looked at. */
function descriptorsOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`)
    .filter((fd) => Number(fd) > 2)
    .flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    });
}

describe("vilya serve", () => {
  test("is a master, its front, and the front's workers", async () => {
    await using server = await startVilya({ config: phpApp() });
    const frontPid = await server.frontPid();
    const workerPids = await server.workerPids();
    expect([nameOf(server.pid), nameOf(frontPid)]).toEqual(["vilya: master", "vilya: front"]);
    expect(childrenOf(server.pid).map(({ pid }) => pid)).toEqual([frontPid]);
    expect(workerPids).toHaveLength(2);
    expect(workerPids.map(commandLine)).toEqual([
      expect.stringContaining("by-path.php"),
      expect.stringContaining("by-path.php"),
    ]);
    expect(await outcomeOf(`${server.url}/pid`)).toBeOneOf(workerPids.map((pid) => `200 ${pid}`));
  });

  test("prints on STDOUT where it serves and what to try, with the port that the kernel chose, and nothing else", async () => {
    await using server = await startVilya({ config: phpApp() });
    await until("both lines", () => server.stdout.split("\n").length > 2);
    expect(server.stdout).toBe(
      `vilya 0.1.0 serving http://127.0.0.1:${server.port} (app default: 2 php workers)\n  try: curl -i http://127.0.0.1:${server.port}/health\n`,
    );
    expect(await outcomeOf(`${server.url}/health`)).toMatch(OK);
  });

  test("keeps its sockets to its owner", async () => {
    await using server = await startVilya({ config: phpApp() });
    const directory = server.runtimeDirectory!;
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, "front-1")).mode & 0o777).toBe(0o700);
  });

  test("hands each process the descriptors it needs, and no others", async () => {
    await using server = await startVilya({ config: phpApp() });
    const listening = socketInode(server.port);
    const [master, front] = [descriptorsOf(server.pid), descriptorsOf(await server.frontPid())];
    expect([master, front].map((descriptors) => descriptors.filter((each) => each === listening))).toEqual([
      [listening],
      [listening],
    ]);
    for (const pid of await server.workerPids()) {
      const sockets = descriptorsOf(pid).filter((each) => each.startsWith("socket:"));
      expect(sockets).toHaveLength(1); // Its end of the connection to the front.
      expect(sockets).not.toContain(listening);
    }
  });

  test("refuses a busy port before anything is spawned: what, where, what to try", async () => {
    await using holder = await startVilya();
    await using server = await startVilya({
      config: { server: { port: holder.port } },
      waitFor: "exit",
    });
    const exit = await server.stop(null);
    expect(exit.exitCode).toBe(1);
    expect(exit.stdout).toBe("");
    const lines = exit.stderr.trimEnd().split("\n");
    expect(lines[0]).toStartWith(`error: cannot listen on 127.0.0.1:${holder.port}: another process holds the port`);
    expect(lines[1]).toMatch(/^ {2}at .*vilya\.yaml:\d+:\d+$/);
    expect(lines.at(-1)).toBe(`  try: --port ${holder.port + 1}`);
  });

  test("two instances with one configuration keep out of each other's way", async () => {
    await using first = await startVilya({ config: phpApp() });
    await using second = await startVilya({ config: phpApp({ runtime_dir: join(first.directory, "run") }) });
    expect(readdirSync(join(first.directory, "run"))).toHaveLength(2);
    await second.stop();
    expect(readdirSync(join(first.directory, "run"))).toHaveLength(1);
    expect(await outcomeOf(`${first.url}/pid`)).toMatch(OK);
  });

  test("serves 503 and says so while no worker starts", async () => {
    await using server = await startVilya({
      config: phpApp({ php: { worker_script: join(import.meta.dir, "../support/workers/parse-error.php") } }),
      waitFor: "listening",
      expectedErrors: ["worker failed to start", "workers keep failing"],
    });
    expect(server.stdout).toContain(", not ready (app default: 2 php workers): ");
    expect(await outcomeOf(`${server.url}/`)).toStartWith("503 ");
  });

  test("says that it serves once workers start after all", async () => {
    const script = join(import.meta.dir, "../support/workers/by-path.php");
    await using server = await startVilya({
      config: phpApp({ php: { worker_script: "worker.php" } }),
      files: { "worker.php": "<?php exit(7);" },
      waitFor: "listening",
      expectedErrors: ["worker failed to start", "workers keep failing"],
    });
    writeFileSync(join(server.directory, "worker.php"), `<?php require '${script}';`);
    await until("the good news", () => server.stdout.includes(" serving http://"));
    expect(await outcomeOf(`${server.url}/pid`)).toMatch(OK);
  }, 120_000);
});

describe("Signals to vilya serve", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("%s ends an idle server with exit code 0", async (signal) => {
    await using server = await startVilya();
    expect(await server.stop(signal)).toMatchObject({ exitCode: 0 });
    expect(server.runtimeDirectory).toBeNull();
  });

  test("a stop finishes what is in flight, refuses what comes later, and exits 0", async () => {
    await using server = await startVilya({ config: phpApp() });
    const { url } = server;
    const { outcome } = await startRequest(server, 700);
    server.signal("SIGTERM");
    await until("the refusal of new connections", async () => (await outcomeOf(`${url}/pid`)) === "failed");
    expect(await outcome).toBe("200 appended");
    expect(await server.stop(null)).toMatchObject({ exitCode: 0 });
  });

  test("a stop serves on for the shutdown delay", async () => {
    await using server = await startVilya({ config: { server: { shutdown_delay: STALL_PROOF_S } } });
    server.signal("SIGTERM");
    await server.logged("stopping");
    expect(await outcomeOf(`${server.url}/`)).toMatch(OK);
    expect(await server.stop(null)).toMatchObject({ exitCode: 0 });
  });

  test("a stop whose grace ends cuts off what is left, and exits 3", async () => {
    await using server = await startVilya({
      config: phpApp({ server: { grace_timeout: 0.2 }, workers: { count: 1, stop_timeout: 0.5 } }),
    });
    const { outcome } = await startRequest(server, 60_000);
    expect(await server.stop()).toMatchObject({ exitCode: 3 });
    expect(await outcome).toBeOneOf(["failed", expect.stringMatching(/^50[23] /)]);
  });

  test("a stop gives each app its own grace, and the connections the longest", async () => {
    const php = phpApp()["php"];
    const app = (grace: number) => ({ php, workers: { count: 1, stop_timeout: 0.5, grace_timeout: grace } });
    await using server = await startVilya({
      config: {
        server: { grace_timeout: 0.3 },
        apps: { patient: app(20), hasty: app(0.1) },
        routes: [
          { path: "/append", app: "patient" },
          { path: "/hold", app: "hasty" },
        ],
      },
    });
    const file = join(server.directory, "held");
    const held = outcomeOf(`${server.url}/hold?file=${file}`);
    await until("the hasty app's request", () => existsSync(file));
    const { outcome } = await startRequest(server, 900);
    expect(await server.stop()).toMatchObject({ exitCode: 3 });
    expect(await outcome).toBe("200 appended");
    expect(await held).toMatch(/^50[23] |^failed$/);
    expect(server.log.find(({ event }) => event === "requests cut at the end of the app's grace")).toMatchObject({
      app: "hasty",
      busyCount: 1,
    });
  });

  test("a second signal stops now, and exits 3", async () => {
    await using server = await startVilya({ config: phpApp() });
    const { outcome } = await startRequest(server, 60_000);
    server.signal("SIGTERM");
    await server.logged("stopping");
    expect(await server.stop("SIGINT")).toMatchObject({ exitCode: 3 });
    expect(await outcome).toBeOneOf(["failed", expect.stringMatching(/^50[23] /)]);
  });

  test("Ctrl-C, which a terminal sends to the whole process group, is a stop in good order", async () => {
    await using server = await startVilya({ config: phpApp(), ownProcessGroup: true });
    const { outcome } = await startRequest(server, 500);
    process.kill(-server.pid, "SIGINT");
    expect(await outcome).toBe("200 appended");
    expect(await server.stop(null)).toMatchObject({ exitCode: 0 });
  });

  test("the front obeys its master alone", async () => {
    await using server = await startVilya({ config: phpApp() });
    const frontPid = await server.frontPid();
    const { outcome } = await startRequest(server, 300);
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const)
      server.signal(signal, frontPid);
    expect(await outcome).toBe("200 appended");
    expect(isRunning(frontPid)).toBe(true);
  });

  if (existsSync("/dev/pts/ptmx"))
    test("the end of the terminal it was started on is a stop in good order", async () => {
      const directory = mkdtempSync(join(tmpdir(), "vt-"));
      writeFileSync(
        join(directory, "vilya.yaml"),
        "{ runtime: stub, runtime_dir: run, server: { host: 127.0.0.1, port: 0 } }",
      );
      let screen = "";
      await using master = Bun.spawn([join(import.meta.dir, "../../bin/vilya"), "serve"], {
        cwd: directory,
        terminal: { data: (_, bytes) => void (screen += new TextDecoder().decode(bytes)) },
      });
      await until("the start", () => screen.includes(" serving http://"));
      master.terminal!.close();
      expect(await master.exited).toBe(0);
      expect(readdirSync(join(directory, "run"))).toEqual([]);
      rmSync(directory, { recursive: true });
    });

  test("a signal during the start is a stop, too", async () => {
    await using server = await startVilya({ config: phpApp(), waitFor: "exit" });
    await server.logged("front spawned");
    expect((await server.stop()).exitCode).toBeOneOf([0, 3]);
  });
});

/** `socket:[inode]` of the socket that listens on a port of the loopback. proc_net_tcp(5). */
function socketInode(port: number): string {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const line = readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((each) => each.trim().split(/\s+/))
    .find((fields) => fields[1] === local && fields[3] === "0A");
  return `socket:[${line?.[9]}]`;
}
