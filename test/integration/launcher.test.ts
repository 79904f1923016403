import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmod, cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const BIN_PATH = join(import.meta.dir, "..", "..", "bin");
const PLATFORM = `@oven/bun-linux-${process.arch === "arm64" ? "aarch64" : "x64"}`;

/** What npm unpacks before the install script ran: a shell script without a first line that says so. */
const PLACEHOLDER = 'echo "Error: Bun\'s postinstall script was not run." >&2\nexit 1\n';
/** Enough of a program for the launcher, which must not run candidates to find out. */
const PROGRAM = "\x7fELF\x02\x01\x01\0\0\0\n";

/** A machine of its own: an installation root and a PATH on which there is no Bun. */
let root: string;
let toolsPath: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "vilya-launcher-")));
  toolsPath = join(root, "tools");
  await mkdir(toolsPath);
  for (const tool of ["sh", "uname", "dirname", "grep", "readlink"]) {
    const path = Bun.which(tool);
    if (path !== null) await symlink(path, join(toolsPath, tool));
  }
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe("bin/find-bun", () => {
  test("takes the binary that npm's package put in place", async () => {
    await install("app/node_modules/vilya");
    const bun = await program("app/node_modules/bun/bin/bun.exe", PROGRAM);
    await program(`app/node_modules/${PLATFORM}/bin/bun`, PROGRAM);
    expect(await findBun("app/node_modules/vilya")).toEqual({ exitCode: 0, stdout: `${bun}\n`, stderr: "" });
  });

  test("takes the platform package's binary where install scripts are off", async () => {
    await install("app/node_modules/vilya");
    await program("app/node_modules/bun/bin/bun.exe", PLACEHOLDER);
    const bun = await program(`app/node_modules/${PLATFORM}/bin/bun`, PROGRAM);
    expect((await findBun("app/node_modules/vilya")).stdout).toBe(`${bun}\n`);
  });

  test("prefers the runtime of its own node_modules to one further up", async () => {
    await install("app/node_modules/vilya");
    await program("app/node_modules/bun/bin/bun.exe", PROGRAM);
    const bun = await program(`app/node_modules/vilya/node_modules/${PLATFORM}/bin/bun`, PROGRAM);
    expect((await findBun("app/node_modules/vilya")).stdout).toBe(`${bun}\n`);
  });

  test("finds the platform package where pnpm keeps it", async () => {
    const store = "app/node_modules/.pnpm";
    await install(`${store}/vilya@1/node_modules/vilya`);
    await program(`${store}/bun@1/node_modules/bun/bin/bun.exe`, PLACEHOLDER);
    await symlink("../../bun@1/node_modules/bun", join(root, `${store}/vilya@1/node_modules/bun`));
    const bun = await program(`${store}/bun@1/node_modules/${PLATFORM}/bin/bun`, PROGRAM);
    expect((await findBun(`${store}/vilya@1/node_modules/vilya`)).stdout).toBe(`${bun}\n`);
  });

  test("takes one on PATH only from 1.4 on, and asks the next when the first is a placeholder", async () => {
    await install("vilya");
    const versions = ["1.3.9", "0.8.1", "1.10.0"];
    const folders = await Promise.all(
      versions.map((version) => program(`${version}/bun`, `#!/bin/sh\necho ${version}\n`)),
    );
    const placeholder = await program("placeholder/bun", PLACEHOLDER);
    const PATH = [placeholder, ...folders].map((path) => dirname(path)).join(":");
    expect((await findBun("vilya", { PATH: `${PATH}:${toolsPath}` })).stdout).toBe(`${root}/1.10.0/bun\n`);
  });

  test("takes VILYA_BUN before all others", async () => {
    await install("vilya");
    await program("vilya/node_modules/bun/bin/bun.exe", PROGRAM);
    const bun = await program("elsewhere/bun", PROGRAM);
    expect((await findBun("vilya", { VILYA_BUN: bun })).stdout).toBe(`${bun}\n`);
  });

  test("refuses a VILYA_BUN that is no program instead of taking another", async () => {
    await install("vilya");
    await program("vilya/node_modules/bun/bin/bun.exe", PROGRAM);
    const { exitCode, stdout, stderr } = await findBun("vilya", { VILYA_BUN: "/nowhere/bun" });
    expect({ exitCode, stdout }).toEqual({ exitCode: 69, stdout: "" });
    expect(stderr).toContain("VILYA_BUN names '/nowhere/bun', which is no program\n  try: ");
  });

  test("says what it looked for when there is none", async () => {
    await install("vilya");
    const { exitCode, stderr } = await findBun("vilya");
    expect(exitCode).toBe(69);
    expect(stderr).toContain(`error: cannot run vilya: no Bun runtime is in ${root}/vilya/node_modules or above it`);
    expect(stderr).toContain(`try: npm install, in ${root}/vilya`);
  });
});

describe("bin/vilya", () => {
  const PRINT = "console.log(JSON.stringify([process.argv.slice(2), process.cwd(), process.env.SECRET ?? null]))";

  test("runs the command line through a chain of links, in the user's folder and with the arguments as they are", async () => {
    await install("lib/node_modules/vilya");
    await write("lib/node_modules/vilya/src/cli/main.ts", PRINT);
    await mkdir(join(root, "bin"));
    await symlink("../lib/node_modules/vilya/bin/vilya", join(root, "bin/vilya"));
    await symlink(join(root, "bin/vilya"), join(root, "tools/vilya"));
    await mkdir(join(root, "project"));

    const args = ["serve", "-config=a b.yaml", "", "--", "$HOME"];
    const { stdout } = await run([join(root, "tools/vilya"), ...args], { VILYA_BUN: process.execPath }, "project");
    expect(JSON.parse(stdout)).toEqual([args, join(root, "project"), null]);
  });

  test("keeps the runtime from reading the .env and bunfig.toml of the user's folder", async () => {
    await install("vilya");
    await write("vilya/src/cli/main.ts", PRINT);
    await write("project/.env", "SECRET=of the application\n");
    await write("project/bunfig.toml", 'preload = ["./preload.ts"]\n');
    await write("project/preload.ts", 'console.log("preloaded")');

    const { stdout } = await run([join(root, "vilya/bin/vilya")], { VILYA_BUN: process.execPath }, "project");
    expect(JSON.parse(stdout)).toEqual([[], join(root, "project"), null]);
  });

  test("exits as find-bun does when there is no runtime", async () => {
    await install("vilya");
    const { exitCode, stderr } = await run([join(root, "vilya/bin/vilya"), "serve"], {}, "vilya");
    expect(exitCode).toBe(69);
    expect(stderr).toStartWith("error: cannot run vilya: ");
  });
});

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function findBun(packagePath: string, environment: Record<string, string> = {}): Promise<Ended> {
  return run(["sh", join(root, packagePath, "bin/find-bun")], environment, ".");
}

async function run(command: readonly string[], environment: Record<string, string>, folder: string): Promise<Ended> {
  await using child = Bun.spawn([...command], {
    cwd: join(root, folder),
    env: { PATH: toolsPath, ...environment },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [exitCode, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  return { exitCode, stdout, stderr };
}

/** Puts the launcher where a package of ours would be. */
async function install(packagePath: string): Promise<void> {
  await cp(BIN_PATH, join(root, packagePath, "bin"), { recursive: true });
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content, "latin1");
}

async function program(path: string, content: string): Promise<string> {
  await write(path, content);
  await chmod(join(root, path), 0o755);
  return join(root, path);
}
