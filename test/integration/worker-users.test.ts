import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { findClosedDirectory } from "../../src/kernel/path-access.ts";
import { vilya } from "../support/command-line.ts";
import { outcomeOf } from "../support/php-app.ts";
import { childrenOf } from "../support/process-table.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaOptions, type VilyaServer } from "../support/vilya.ts";

const REPOSITORY = join(import.meta.dir, "../..");
const LAUNCHER = join(REPOSITORY, "bin/vilya");
const IS_ROOT = process.getuid!() === 0;

/** Whether other users may read this checkout. */
const IS_OPEN = findClosedDirectory(REPOSITORY, { userId: 54_321, groupIds: [] }) === null;

/** By number, so that no such user has to be there. */
const SHOP = { user: 54_321, group: 54_322 };
const OTHER = { user: 54_323, group: 54_323 };

/** A copy of the workers in PHP that every user may read, wherever this checkout is. */
let open = "";

beforeAll(() => {
  open = mkdtempSync(join(tmpdir(), "vo-"));
  chmodSync(open, 0o755);
  for (const folder of ["sdk/php", "test/support/workers"])
    cpSync(join(REPOSITORY, folder), join(open, folder), { recursive: true });
});

afterAll(() => rmSync(open, { recursive: true, force: true }));

function workerScript(name: string): string {
  return join(open, "test/support/workers", name);
}

/** Starts a server whose directory other users may pass through, with a folder in it that is the workers' own. */
async function startFor(config: Readonly<Record<string, unknown>>, options: VilyaOptions = {}): Promise<VilyaServer> {
  return startVilya({ isOpen: true, ...options, config, files: { "own/.keep": "", "bodies/.keep": "" } });
}

/** An app as it is in `apps`. */
function phpApp(
  script: string,
  workers: Readonly<Record<string, unknown>>,
  env = {},
): Readonly<Record<string, unknown>> {
  return { runtime: "php", php: { worker_script: workerScript(script), env }, workers: { count: 1, ...workers } };
}

/** The ids and groups of a process. proc_pid_status(5) */
function credentialsOf(pid: number): readonly string[] {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return ["Uid", "Gid", "Groups", "CapEff", "CapPrm"].map((name) => {
    const [, text = ""] = new RegExp(`^${name}:(.*)$`, "m").exec(status) ?? [];
    return text.trim().replaceAll("\t", " ");
  });
}

/** What `credentialsOf` is for a process that is this user in all of its ids, and may nothing that others may not. */
function plain({ user, group }: typeof SHOP): readonly string[] {
  return [
    `${user} ${user} ${user} ${user}`,
    `${group} ${group} ${group} ${group}`,
    `${group}`,
    "0".repeat(16),
    "0".repeat(16),
  ];
}

function runAs({ user, group }: typeof SHOP, ...command: readonly string[]) {
  return Bun.spawnSync(["setpriv", `--reuid=${user}`, `--regid=${group}`, "--clear-groups", "--", ...command]);
}

/** What PHP says when this user opens a Unix socket. */
function dialAs(user: typeof SHOP, path: string): string {
  const code = `echo @stream_socket_client('unix://${path}', $number, $reason) ? 'connected' : $reason;`;
  return runAs(user, "php", "-r", code).stdout.toString();
}

/** Files and folders below `directory` that are another user's than ours, or that others have any right to. */
function openTo(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).flatMap((name) => {
    const { uid, mode } = statSync(join(directory, name), { throwIfNoEntry: false }) ?? { uid: 0, mode: 0 };
    const stem = name.replace(/(?<=front-1\/)\d+-\d+-\d*|^vilya-bodies-\w+/, "");
    return uid !== 0 || (mode & 0o077) !== 0 ? [`${stem} ${uid} ${(mode & 0o777).toString(8)}`] : [];
  });
}

/** The app kinds whose programs this user may run on this machine, and whose libraries, in this checkout, it may read. */
function foreignApps(): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  if (!IS_OPEN) return {};
  const entry = join(REPOSITORY, "test/support/apps/by-path.mjs");
  const env = { PYTHONPATH: join(REPOSITORY, "test/support/apps/python"), PYTHONDONTWRITEBYTECODE: "1" };
  const apps = {
    bun: { runtime: "bun", binary: process.execPath, entry },
    node: { runtime: "node", binary: Bun.which("node") ?? "", entry },
    python: { runtime: "python", binary: "/usr/bin/python3", entry: "wsgi_app", env },
  };
  const usable = Object.entries(apps).filter(
    ([, { binary }]) => existsSync(binary) && runAs(SHOP, binary, "--version").exitCode === 0,
  );
  return Object.fromEntries(usable.map(([name, app]) => [name, { ...app, workers: { count: 1, ...SHOP } }]));
}

/** What root alone can ask for. */
function asRoot(): void {
  test("Workers of every kind run as their user, without the engine's groups and capabilities", async () => {
    const apps = {
      exec: phpApp("by-path.php", SHOP),
      fork: phpApp("forked.php", { ...SHOP, start: "fork" }),
      command: { runtime: "command", command: ["php", workerScript("by-path.php")], workers: { count: 1, ...SHOP } },
      ...foreignApps(),
    };
    const routes = Object.keys(apps).map((app) => ({ path: `/${app}/*`, app }));
    await using server = await startFor({ apps, routes });
    for (const app of Object.keys(apps)) expect(await outcomeOf(`${server.url}/${app}/`)).not.toMatch(/^(?:failed|50)/);
    const front = await server.frontPid();
    const workers = JSON.parse((await vilya(server, "workers", "--json")).out) as readonly { readonly pid: number }[];
    expect(workers.length).toBe(Object.keys(apps).length);
    const pids = [...workers.map(({ pid }) => pid), ...childrenOf(front).map(({ pid }) => pid)];
    for (const pid of pids) expect(credentialsOf(pid)).toEqual(plain(SHOP));
  });

  test("A worker of a user that has a name has its home, and its own variables win", async () => {
    const app = (env: Readonly<Record<string, string>>) => phpApp("by-path.php", { user: "nobody" }, env);
    const apps = { one: app({}), two: app({ HOME: "/elsewhere" }) };
    const routes = [{ path: "/two", rewrite: "/env", app: "two" }, { app: "one" }];
    await using server = await startFor({ apps, routes });
    const [, home] = /^nobody:(?:[^:]*:){4}([^:]*)/m.exec(readFileSync("/etc/passwd", "utf8")) ?? [];
    const environmentAt = async (path: string): Promise<unknown> =>
      (JSON.parse((await outcomeOf(`${server.url}${path}`)).slice(4)) as { env: unknown }).env;
    expect(await environmentAt("/env")).toMatchObject({ HOME: home, USER: "nobody", LOGNAME: "nobody" });
    expect(await environmentAt("/two")).toMatchObject({ HOME: "/elsewhere", USER: "nobody" });
  });

  test("A worker's socket and settings are open to its user alone, the engine's own socket is not", async () => {
    const app = phpApp("broken-at-start.php", SHOP, { BEHAVIOUR: "silent" });
    const expectedErrors = ["worker failed to start", "workers keep failing"];
    await using server = await startFor(app, { waitFor: "exit", expectedErrors });
    const socket = await until("a worker's socket", () => {
      const directory = server.runtimeDirectory;
      const names = directory === null ? [] : readdirSync(directory, { recursive: true, encoding: "utf8" });
      const name = names.find((each) => /front-\d+\/[\d-]+\.sock$/.test(each));
      // It is made first and given away then.
      return name !== undefined && statSync(join(directory!, name)).uid === SHOP.user ? join(directory!, name) : null;
    });
    expect(openTo(server.runtimeDirectory!).toSorted()).toEqual([
      "front-1 0 711",
      `front-1/.sock ${SHOP.user} 600`,
      "front-1/ini 0 755",
      `front-1/ini/opcache ${SHOP.user} 700`,
      `front-1/ini/vilya.ini ${SHOP.user} 600`,
      "master.pid 0 644",
    ]);
    expect(dialAs(OTHER, socket)).toBe("Permission denied");
    expect(dialAs(SHOP, join(server.runtimeDirectory!, "control.sock"))).toBe("Permission denied");
    server.signal("SIGTERM");
    server.signal("SIGTERM");
  });

  test("The file of a body is the worker's to read and to move, and nobody else's", async () => {
    const app = phpApp("upload.php", SHOP, { BODY_FILES: "1" });
    await using server = await startFor({ ...app, server: { body_dir: "bodies" } });
    const own = join(server.directory, "own");
    chownSync(own, SHOP.user, SHOP.group);
    const body = Buffer.alloc(1_000_000, "x");
    const post = async (path: string): Promise<string> =>
      (await fetch(`${server.url}${path}`, { method: "POST", body })).text();
    const held = post(`/path?file=${own}/held`);
    await until("the worker's begin", () => readdirSync(own).includes("held"));
    const [path, mode, directoryMode] = JSON.parse(readFileSync(join(own, "held"), "utf8")) as readonly string[];
    expect([mode, directoryMode, statSync(path!).uid]).toEqual(["100600", "40700", SHOP.user]);
    const file = `${SHOP.user}/${basename(path!)}`;
    expect(
      openTo(join(server.directory, "bodies"))
        .filter((line) => !line.startsWith(".keep"))
        .toSorted(),
    ).toEqual([" 0 711", `/${SHOP.user} ${SHOP.user} 700`, `/${file} ${SHOP.user} 600`]);
    mkdirSync(join(own, "held-go"));
    expect(await held).toBe(new Bun.CryptoHasher("sha1").update(body).digest("hex"));
    expect(await post(`/move?file=${own}/moved`)).toBe("moved");
    expect(statSync(join(own, "moved"))).toMatchObject({ uid: SHOP.user, size: body.length });
  });

  test("The files of a form are the worker's, too", async () => {
    const app = phpApp("form.php", SHOP);
    await using server = await startFor({ ...app, uploads: { enabled: true } });
    const own = join(server.directory, "own");
    chownSync(own, SHOP.user, SHOP.group);
    const form = new FormData();
    form.set("file", new File(["content"], "a.txt"));
    const response = await fetch(`${server.url}/?keep=${own}/kept`, { method: "POST", body: form });
    expect(response.status).toBe(200);
    expect([readFileSync(join(own, "kept"), "utf8"), statSync(join(own, "kept")).uid]).toEqual(["content", SHOP.user]);
  });

  test("A front that dies takes the workers of every user with it, and nothing is left", async () => {
    await using server = await startFor(phpApp("by-path.php", { ...SHOP, count: 2 }));
    const [front, workers] = [await server.frontPid(), await server.workerPids()];
    server.signal("SIGKILL", front);
    await until("other workers", async () => (await server.workerPids()).every((pid) => !workers.includes(pid)));
    expect(await outcomeOf(`${server.url}/pid`)).toStartWith("200 ");
    await until("the end of the old ones", () => !server.processes().some((pid) => workers.includes(pid)));
  });

  test("A place that the workers' user cannot get to is refused, at the start and at a reload", async () => {
    const refused = await startVilya({ config: phpApp("by-path.php", SHOP), waitFor: "exit" });
    const { exitCode, stderr } = await refused.stop(null);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("who may not pass through")]);
    await refused[Symbol.asyncDispose]();
    const expectedErrors = ["not reloaded, everything stays as it is"];
    await using server = await startVilya({ config: phpApp("by-path.php", {}), expectedErrors });
    server.configure(phpApp("by-path.php", SHOP));
    const { code, err } = await vilya(server, "reload");
    expect([code, err]).toEqual([1, expect.stringContaining("who may not pass through")]);
    expect(await outcomeOf(`${server.url}/pid`)).toStartWith("200 ");
  });
}

/** Everybody else is refused. */
function asAnother(): void {
  test("Nobody but root may ask for workers of another user", () => {
    const command = [LAUNCHER, "config", "check", "-o", "runtime=stub", "-o", "workers.user=nobody"];
    const { exitCode, stderr } = IS_ROOT ? runAs(OTHER, ...command) : Bun.spawnSync(command);
    expect(stderr.toString()).toContain("who may not start workers as nobody, root is allowed to");
    expect(exitCode).toBe(78);
  });
}

if (IS_ROOT) describe("As root", asRoot);
if (IS_OPEN || !IS_ROOT) describe("As another user", asAnother);
