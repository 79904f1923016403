import { describe, expect, test } from "bun:test";
import { readFileSource } from "./file-source.ts";
import { renderOrigin } from "../origin.ts";

function read(text: string, environment: Readonly<Record<string, string>> = {}) {
  return readFileSource({ label: "vilya.yaml", text, environment });
}

/** `key=raw @place` for each assignment. */
function assigned(text: string, environment?: Readonly<Record<string, string>>): readonly string[] {
  const { assignments, problems } = read(text, environment);
  expect(problems).toEqual([]);
  return assignments.map(({ option, entryName, raw, origin }) => {
    const key = entryName === null ? option.key : `${option.key}.${entryName}`;
    return `${key}=${JSON.stringify(raw)} @${renderOrigin(origin).replace("vilya.yaml:", "")}`;
  });
}

/** `message @places hint` for each problem. */
function refused(text: string, environment?: Readonly<Record<string, string>>): readonly string[] {
  return read(text, environment).problems.map(({ message, origins, hint }) =>
    [message, ...origins.map((origin) => `@${renderOrigin(origin).replace("vilya.yaml:", "")}`), hint ?? ""]
      .join(" ")
      .trim(),
  );
}

describe("readFileSource", () => {
  test("finds values with their places", () => {
    expect(assigned("server:\n  port: 8080\n  limits: {header_count: 50}\nworkers:\n  count: auto\n")).toEqual([
      'server.port="8080" @2:9',
      'server.limits.header_count="50" @3:26',
      'workers.count="auto" @5:10',
    ]);
  });

  test("names keys so that they can do nothing to a terminal", () => {
    const texts = ['"\\e[2Jx": 1\n"\\e[2Jx": 1\n', 'env: {"\\e[2JA": "${UNSET}"}\n', 'env: {"\\e[2JA": []}\n'];
    for (const text of texts) for (const message of refused(text)) expect(message).not.toMatch(/\p{Cc}/u);
    expect(texts.map((text) => refused(text).length > 0)).toEqual([true, true, false]);
  });

  test("finds entries of maps and items of lists", () => {
    expect(assigned("php:\n  ini: {opcache.enable: 1}\n  env:\n    APP_ENV: prod\n  args: [-d, x=1]\n")).toEqual([
      'php.ini.opcache.enable="1" @2:25',
      'php.env.APP_ENV="prod" @4:14',
      'php.args=["-d","x=1"] @5:9',
    ]);
  });

  test.each(["", "# all\n", "server:\nworkers:\n  # count: 4\nphp: {ini: , env: ~}\n"])(
    "takes %j for nothing set",
    (text) => {
      expect(assigned(text)).toEqual([]);
    },
  );

  test("replaces references, in keys of no kind", () => {
    expect(
      assigned("server: {host: '${HOST}', port: '${PORT:-81}'}\nphp: {env: {A: 'x${HOST}$${y}'}}\n", { HOST: "::1" }),
    ).toEqual(['server.host="::1" @1:16', 'server.port="81" @1:33', 'php.env.A="x::1${y}" @2:16']);
    expect(refused("${HOST}: 1\n", { HOST: "server" })).toHaveLength(1);
  });

  test.each([
    [
      "prot: 1",
      "Cannot use prot: no option has this name, only documented ones are allowed @1:1 did you mean server.port?",
    ],
    [
      "server: {prot: 1}",
      "Cannot use server.prot: no option has this name, only documented ones are allowed @1:10 did you mean server.port?",
    ],
    [
      "wrokers: {}",
      "Cannot use wrokers: no option has this name, only documented ones are allowed @1:1 did you mean workers?",
    ],
    [
      "zzzzz: 1",
      "Cannot use zzzzz: no option has this name, only documented ones are allowed @1:1 try: runtime, name, runtime_dir, fronts, entry, command, binary, args, cwd, env, apps, routes, server, static, compress, uploads, workers, php, python, logging, admin, tracing",
    ],
    [
      "__proto__: 1",
      "Cannot use __proto__: no option has this name, only documented ones are allowed @1:1 try: runtime, name, runtime_dir, fronts, entry, command, binary, args, cwd, env, apps, routes, server, static, compress, uploads, workers, php, python, logging, admin, tracing",
    ],
    [
      '"a\\nb": 1',
      'Cannot use "a\\nb": no option has this name, only documented ones are allowed @1:1 try: runtime, name, runtime_dir, fronts, entry, command, binary, args, cwd, env, apps, routes, server, static, compress, uploads, workers, php, python, logging, admin, tracing',
    ],
    ["name: a\nname: b", "Cannot use name: it is given twice, once is allowed @1:1 @2:1"],
    ["php: {env: {A: 1, A: 2}}", "Cannot use php.env.A: it is given twice, once is allowed @1:13 @1:19"],
    ["just text", 'Cannot use vilya.yaml: it is "just text", keys such as runtime, name, runtime_dir are allowed @1:1'],
    ["- a", "Cannot use vilya.yaml: it is a list, keys such as runtime, name, runtime_dir are allowed @1:1"],
    ["server: 8080", 'Cannot use server: it is "8080", keys such as host, port, read_timeout are allowed @1:9'],
    ["server: {port: {a: 1}}", "Cannot use server.port: it is a map, a whole number from 0 to 65535 is allowed @1:16"],
    [
      "server: {port: }",
      "Cannot use server.port: it is empty, a whole number from 0 to 65535 is allowed @1:16 try: give it a value, or remove the line to get the default",
    ],
    ["php: {env: [A=1]}", "Cannot use php.env: it is a list, a map of names and texts is allowed @1:12"],
    ["php: {args: [a, [b]]}", "Cannot use php.args: it is a list, a list of texts is allowed @1:17"],
    [
      "name: ${GONE}",
      "Cannot use name: the variable GONE is not set, a variable with a value is allowed @1:7 try: set GONE, or give a default: ${GONE:-value}",
    ],
    [
      "name: ${1}",
      'Cannot use name: "${1}" is no reference, ${NAME} or ${NAME:-default} is allowed @1:7 try: $${ for a literal ${',
    ],
    [
      "server: { port: ${PORT} }",
      'Cannot parse vilya.yaml: Unexpected flow-map-start at node end, YAML 1.2 is allowed @1:18 try: quotes around references, as in { port: "${PORT}" }',
    ],
    [
      "name: [",
      "Cannot parse vilya.yaml: Flow sequence in block collection must be sufficiently indented and end with a ], YAML 1.2 is allowed @1:8",
    ],
  ])("refuses %j", (text, problem) => {
    expect(refused(text)).toEqual([problem]);
  });

  test("reports everything at once", () => {
    expect(refused("prot: 1\nserver:\n  hots: x\n  port:\nphp: {args: [[a], {b: c}]}\nname: ${A}${B}\n")).toHaveLength(
      7,
    );
  });
});
