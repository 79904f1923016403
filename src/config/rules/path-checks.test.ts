import { describe, expect, test } from "bun:test";
import { fakeConfigSystem, type FakeMachine } from "../../../test/support/fake-config-system.ts";
import { problemsOf } from "../../../test/support/config-text.ts";
import { settingsOf } from "../../../test/support/settings-of.ts";
import { Accounts } from "../accounts.ts";
import { checkPaths } from "./path-checks.ts";
import { deriveDefaults, resolveConfig } from "../resolve/resolve-config.ts";

function messagesOf(values: Readonly<Record<string, string>>, machine: FakeMachine = {}): readonly string[] {
  const system = fakeConfigSystem(machine);
  const place = { ...system, file: null, accounts: new Accounts(system) };
  const settings = settingsOf(values);
  deriveDefaults(settings, place);
  return checkPaths(resolveConfig(settings, place), settings, system).map(({ message }) => message);
}

const PYTHON: FakeMachine = { files: { "/usr/bin/python3": "" } };

describe("checkPaths", () => {
  test.each([
    ["main.py", "main:app"],
    ["./app/main.py:api", "app.main:api"],
    ["/srv/site/wsgi.py", "wsgi:app, and cwd: /srv/site"],
    ["../site/web/main.py:api", "main:api, and cwd: ../site/web"],
  ])("says how the module at %s is named", (entry, name) => {
    const problems = problemsOf({ ...PYTHON, yaml: `runtime: python\nentry: ${JSON.stringify(entry)}` });
    expect(problems.map(({ hint }) => hint)).toEqual([`try: entry: ${name}`]);
  });

  test.each<[Record<string, string>, FakeMachine]>([
    [{}, {}],
    [{ "php.binary": "/usr/bin/php" }, {}],
    [{ "php.binary": "bin/php" }, { files: { "bin/php": "" } }],
    [{ "php.binary": "php8" }, { files: { "/opt/php8": "" }, environment: { PATH: "/nowhere:/opt" } }],
    [{ "php.cwd": "web", "php.worker_script": "w.php" }, { files: { "web/w.php": "" } }],
    [{ "server.body_dir": "spool" }, { files: { "spool/x": "" } }],
    [{ runtime: "stub", "php.binary": "none", "php.worker_script": "none.php" }, {}],
  ])("is content with %j", (values, machine) => {
    expect(messagesOf(values, machine)).toEqual([]);
  });

  test.each<[Record<string, string>, FakeMachine, string]>([
    [{ "php.worker_script": "gone.php" }, {}, "php.worker_script: /app/gone.php does not exist, a PHP file is allowed"],
    [{ "php.worker_script": "/usr" }, {}, "php.worker_script: /usr is not a file, a PHP file is allowed"],
    [
      {},
      { forbidden: ["/app/worker.php"] },
      "php.worker_script: /app/worker.php may not be read by this user, a readable PHP file is allowed",
    ],
    [{ runtime: "python", entry: "" }, PYTHON, "entry: it is missing, module:name is allowed"],
    [{ runtime: "python", entry: "main.py" }, PYTHON, 'entry: it is the path "main.py", module:name is allowed'],
    [
      { runtime: "python", entry: "./a/main.py:api" },
      PYTHON,
      'entry: it is the path "./a/main.py:api", module:name is allowed',
    ],
    [{ "php.binary": "php9" }, {}, "php.binary: php9 is not in PATH, the PHP interpreter is allowed"],
    [{}, { environment: { PATH: "" } }, "php.binary: php is not in PATH, the PHP interpreter is allowed"],
    [{}, { forbidden: ["/usr/bin/php"] }, "php.binary: php is not in PATH, the PHP interpreter is allowed"],
    [
      { "php.binary": "./php" },
      {},
      "php.binary: /app/php is not a program this user may run, the PHP interpreter is allowed",
    ],
    [{ "php.cwd": "gone" }, {}, "php.cwd: /app/gone is not a directory, an existing one is allowed"],
    [{ "php.cwd": "worker.php" }, {}, "php.cwd: /app/worker.php is not a directory, an existing one is allowed"],
    [
      { "server.body_dir": "gone" },
      {},
      "server.body_dir: /app/gone is not a directory this user may write to, an existing one is allowed",
    ],
    [
      { "server.body_dir": "/usr/bin" },
      { forbidden: ["/usr/bin"] },
      "server.body_dir: /usr/bin is not a directory this user may write to, an existing one is allowed",
    ],
  ])("refuses %j on %j", (values, machine, message) => {
    expect(messagesOf(values, machine)).toEqual([`Cannot use ${message}`]);
  });

  test("reports every path", () => {
    expect(messagesOf({ "server.body_dir": "x", "php.binary": "y", "php.worker_script": "z" })).toHaveLength(3);
  });
});
