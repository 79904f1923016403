import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fakeConfigSystem, type FakeMachine } from "../../test/support/fake-config-system.ts";
import { FakeTerminal } from "../../test/support/fake-terminal.ts";
import { EXIT_CODE } from "../base/exit-code.ts";
import { VERSION } from "../base/version.ts";
import { renderCommandHelp, renderOverview } from "./render-help.ts";
import { COMMAND_GROUPS, runCommandLine } from "./run-command-line.ts";

const LISTED_COMMANDS = COMMAND_GROUPS.flatMap(({ commands }) => commands);

async function run(line: string, machine: FakeMachine = {}) {
  const terminal = new FakeTerminal();
  const args = line === "" ? [] : line.split(" ");
  const code = await runCommandLine(args, terminal, fakeConfigSystem(machine));
  return { code, out: terminal.outText, err: terminal.errText };
}

describe("runCommandLine", () => {
  test.each(["version", "--version", "-version", "-v"])("prints the version for %s", async (line) => {
    expect(await run(line)).toEqual({ code: 0, out: `vilya ${VERSION}\n`, err: "" });
  });

  test.each(["", "help", "--help", "-help", "-h"])("lists the commands for %j", async (line) => {
    const { code, out, err } = await run(line);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const { name, summary } of LISTED_COMMANDS) expect(out).toMatch(new RegExp(`^  ${name} +${summary}$`, "m"));
    expect(out).not.toContain("__front");
  });

  test.each(LISTED_COMMANDS.map((command) => [command.name, command] as const))(
    "explains %s",
    async (name, command) => {
      const expected = { code: 0, out: renderCommandHelp(command), err: "" };
      expect(await run(`help ${name}`)).toEqual(expected);
      expect(await run(`${name} --help`)).toEqual(expected);
      expect(await run(`${name} -h`)).toEqual(expected);
    },
  );

  test.each(["help config", "config --help", "config -h"])("explains all of a group for %s", async (line) => {
    const group = LISTED_COMMANDS.filter(({ name }) => name.startsWith("config "));
    expect(await run(line)).toEqual({ code: 0, out: group.map(renderCommandHelp).join("\n"), err: "" });
  });

  test.each([
    ["serv", 'cannot run "serv": there is no such command', "did you mean vilya serve?"],
    ["confg show", 'cannot run "confg": there is no such command', "did you mean vilya config?"],
    [
      "config",
      'cannot run "config": there is no such command',
      "try: vilya config check, vilya config show, vilya config schema, vilya config reference",
    ],
    [
      "config --json",
      'cannot run "config": there is no such command',
      "try: vilya config check, vilya config show, vilya config schema, vilya config reference",
    ],
    ["config shwo", 'cannot run "config shwo": there is no such command', "did you mean vilya config show?"],
    [
      "config zzz",
      'cannot run "config zzz": there is no such command',
      "try: vilya config check, vilya config show, vilya config schema, vilya config reference",
    ],
    ["zzz", 'cannot run "zzz": there is no such command', "try: vilya help"],
    ["help zzz", 'cannot run "zzz": there is no such command', "try: vilya help"],
    ["serve now", 'cannot run serve: "now" is unexpected, only flags are allowed', "try: vilya help serve"],
    [
      "serve app.yaml",
      'cannot run serve: "app.yaml" is unexpected, only flags are allowed',
      "try: vilya serve --config app.yaml",
    ],
    [
      "stop app.yaml",
      'cannot run stop: "app.yaml" is unexpected, only flags are allowed',
      "try: vilya stop --config app.yaml",
    ],
    [
      "-config=a.yaml serve",
      'cannot run serve: "serve" is unexpected, only flags are allowed',
      "try: the command first: vilya serve",
    ],
    [
      "--name shop status",
      'cannot use the flag "name": there is none of this name',
      "try: the command first: vilya status",
    ],
    ["reload shop api", 'cannot run reload: "api" is unexpected, [APP] is allowed', "try: vilya help reload"],
    ["scale shop 2 3", 'cannot run scale: "3" is unexpected, [APP] NUMBER is allowed', "try: vilya help scale"],
    ["version --json", 'cannot use the flag "json": there is none of this name', "try: vilya help"],
    ["config check --prot 1", 'cannot use the flag "prot": there is none of this name', "did you mean --port?"],
    ["serve --name shop", 'cannot use the flag "name": there is none of this name', "try: -o name=VALUE"],
    [
      "run main:app --log-config x.ini",
      'cannot use the flag "log-config": there is none of this name',
      `try: ${join(import.meta.dir, "../../docs/guides/uvicorn.md")}, which says what becomes of it`,
    ],
    [
      "run main:app --memory-limit 1GiB",
      'cannot use the flag "memory-limit": there is none of this name',
      "try: -o workers.memory_limit=VALUE",
    ],
    ["config check -o port", "cannot use -o: it has no key and value", "try: -o workers.timeout=60s"],
  ])("refuses %j", async (line, state, hint) => {
    expect(await run(line)).toEqual({ code: EXIT_CODE.usage, out: "", err: `error: ${state}\n  ${hint}\n` });
  });

  describe("config check", () => {
    test("says ok", async () => {
      expect(await run("config check")).toEqual({ code: 0, out: "ok\n", err: "" });
    });

    test("says ok, and what is odd", async () => {
      const { code, out, err } = await run("config check", { environment: { VILYA_PROT: "1" } });
      expect({ code, out }).toEqual({ code: 0, out: "ok\n" });
      expect(err).toBe(
        "warning: cannot use VILYA_PROT: no option has this variable\n  at env VILYA_PROT\n  did you mean VILYA_PORT?\n",
      );
    });

    test("prints every problem", async () => {
      const { code, out, err } = await run("config check --workers 0", {
        files: { "vilya.yaml": "server:\n  port: 99999\n  hots: x\n" },
      });
      expect({ code, out }).toEqual({ code: EXIT_CODE.config, out: "" });
      expect(err).toBe(`error: cannot use server.port: it is "99999", a whole number from 0 to 65535 is allowed
  at vilya.yaml:2:9
error: cannot use server.hots: no option has this name, only documented ones are allowed
  at vilya.yaml:3:3
  did you mean server.host?
error: cannot use workers.count: it is "0", auto or a whole number from 1 to 1024 is allowed
  at flag --workers
`);
    });
  });

  describe("config show", () => {
    const machine = {
      files: { "a.yaml": "server: {port: 81}\nphp: {env: {TOKEN: credential}}" },
      environment: { VILYA_WORKERS: "2" },
    };

    test("prints values and origins", async () => {
      const { code, out, err } = await run("config show -config=a.yaml --host ::1", machine);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toMatch(/^server\.port +81 +a\.yaml:1:16$/m);
      expect(out).toMatch(/^server\.host +::1 +flag --host$/m);
      expect(out).toMatch(/^workers\.count +2 +env VILYA_WORKERS$/m);
      expect(out).not.toContain("credential");
    });

    test("prints the same as JSON", async () => {
      const { out } = await run("config show -c a.yaml --json", machine);
      const shown = JSON.parse(out) as { file: string; settings: Record<string, unknown> };
      expect(shown.file).toBe("/app/a.yaml");
      expect(shown.settings["server.port"]).toEqual({ value: 81, origin: "a.yaml:1:16" });
      expect(shown.settings["server.read_timeout"]).toEqual({ value: "60s", origin: "default" });
      expect(out).not.toContain("credential");
    });
  });

  test("refuses to serve a configuration with problems, before the engine is loaded", async () => {
    const problem =
      'error: cannot use server.port: it is "x", a whole number from 0 to 65535 is allowed\n  at flag --port\n';
    expect(await run("serve --port x")).toEqual({ code: EXIT_CODE.config, out: "", err: problem });
    expect(await run("-port=x")).toEqual({ code: EXIT_CODE.config, out: "", err: problem });
    expect(await run("-config=none.yaml")).toMatchObject({ code: EXIT_CODE.config });
  });

  test("prints the schema as JSON and the reference as Markdown", async () => {
    expect(JSON.parse((await run("config schema")).out)).toHaveProperty("properties.server.properties.port");
    expect((await run("config reference")).out).toStartWith("# Configuration\n");
  });
});

describe("docs/reference/cli.md", () => {
  const page = readFileSync(join(import.meta.dir, "../../docs/reference/cli.md"), "utf8");

  test.each([
    ["vilya help", renderOverview(COMMAND_GROUPS)],
    ...LISTED_COMMANDS.map((command) => [command.name, renderCommandHelp(command)] as const),
  ])("has the help of %s word for word", (_name, help) => {
    expect(page).toContain(help);
  });

  test("has every exit code", () => {
    const codes = [...page.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual(Object.values(EXIT_CODE));
  });
});
