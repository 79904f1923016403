import { describe, expect, test } from "bun:test";
import { type ConfigText, loadText, problemsOf } from "../../test/support/config-text.ts";
import type { Config } from "./config.ts";
import { renderOrigin } from "./origin.ts";

// The file of the first implementation's documentation.
const SEED_FILE = `
server:
  host: 127.0.0.1
  port: 8080
  read_timeout: 30
  write_timeout: 45
  enable_http2: false
workers:
  count: 4
  min_workers: 2
  max_workers: 8
  scale_down_idle_secs: 30
  aggressive_scale_down_secs: 10
  max_requests: 500
  timeout: 15
  backpressure:
    enabled: false
    max_queue: 100
  queue_timeout:
    enabled: true
    timeout_ms: 250
php:
  binary: /usr/bin/php
  worker_script: worker.php
logging:
  level: debug
  format: json
`;

describe("loadConfig", () => {
  test("resolves a file of the first implementation, whatever its name", () => {
    for (const name of ["vilya.yaml", "vilya.yml", ".rr.yaml"]) {
      const { config, warnings } = loadText({ files: { [name]: SEED_FILE } });
      expect(warnings).toEqual([]);
      expect(config).toMatchObject({
        file: `/app/${name}`,
        name: "app",
        server: {
          listeners: [{ address: { host: "127.0.0.1", port: 8080 }, tls: null }],
          deadlines: { bodyMs: 30_000, writeMs: 45_000 },
        },
        apps: [
          {
            name: "default",
            runtime: "php",
            binary: "/usr/bin/php",
            entry: "/app/worker.php",
            workingDirectory: "/app",
            pool: {
              workerCount: 4,
              workerCountMin: 2,
              workerCountMax: 8,
              scaleDownIdleMs: 30_000,
              aggressiveScaleDownMs: 10_000,
              requestsPerWorkerMax: 500,
              requestTimeoutMs: 15_000,
              overflow: { strategy: "queue_timeout", queueDepthMax: 10_000, queueTimeoutMs: 250 },
            },
          },
        ],
        logging: { level: "debug", format: "json" },
      } satisfies DeepPartial<Config>);
    }
  });

  test("runs on defaults where there is no file", () => {
    const { config } = loadText({});
    expect(config).toMatchObject({
      file: null,
      name: "app",
      server: { listeners: [{ address: { host: "0.0.0.0", port: 8888 }, tls: null }], healthPath: "/health" },
    });
    expect(config.apps[0]?.pool.overflow).toEqual({
      strategy: "default",
      queueDepthMax: 10_000,
      queueTimeoutMs: 60_000,
    });
  });

  test("lets flags win over the environment, the environment over the file, the file over defaults", () => {
    const yaml = "server: {port: 1, backlog: 1}\nworkers: {timeout: 1}\n";
    const environment = { VILYA_PORT: "2", VILYA_WORKERS_TIMEOUT: "2" };
    const { config, settings } = loadText({ yaml, environment, flags: { "server.port": "3" } });
    expect(config.server).toMatchObject({ listeners: [{ address: { port: 3 } }], backlog: 1 });
    expect(config.apps[0]?.pool.requestTimeoutMs).toBe(2000);
    const origins = ["server.port", "workers.timeout", "server.backlog", "server.host"].map((key) =>
      renderOrigin(settings.origin(key)),
    );
    expect(origins).toEqual(["flag -o server.port", "env VILYA_WORKERS_TIMEOUT", "vilya.yaml:1:28", "default"]);
  });

  test("is frozen all the way down, and survives JSON", () => {
    const { config } = loadText({ yaml: SEED_FILE });
    const frozen = (value: unknown): boolean =>
      typeof value !== "object" || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(config)).toBe(true);
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
  });

  test("hands settings and variables to the app as they are written", () => {
    const yaml = "php: {ini: {precision: 8.10, opcache.enable: 0}, env: {FLAG: yes, EMPTY: '', KEY: '${SECRET}'}}";
    const [app] = loadText({ yaml, environment: { SECRET: "a\nb" } }).config.apps;
    expect(app?.ini).toEqual({ precision: "8.10", "opcache.enable": "0" });
    expect(app?.environment).toEqual({ FLAG: "yes", EMPTY: "", KEY: "a\nb" });
  });

  describe("refuses", () => {
    test.each<[string, ConfigText, string, string]>([
      [
        "a missing script",
        { yaml: "php: {worker_script: gone.php}" },
        "php.worker_script: /app/gone.php does not exist",
        "vilya.yaml:1:22",
      ],
      ["a bad variable", { environment: { VILYA_PORT: "eighty" } }, 'server.port: it is "eighty"', "env VILYA_PORT"],
      ["a bad flag", { flags: { "workers.count": "0" } }, 'workers.count: it is "0"', "flag -o workers.count"],
    ])("%s", (_title, options, message, place) => {
      const problems = problemsOf(options);
      expect(problems).toHaveLength(1);
      expect(problems[0]?.message).toStartWith(`Cannot use ${message}`);
      expect(problems[0]?.origins.map(renderOrigin)).toEqual([place]);
    });

    test("a default script that is not there, without a place", () => {
      const [problem] = problemsOf({ cwd: "/empty", files: { "/empty/x": "" } });
      expect(problem).toMatchObject({
        message: "Cannot use php.worker_script: /empty/worker.php does not exist, a PHP file is allowed",
        origins: [],
        hint: expect.stringContaining("vilya init"),
      });
    });

    test("everything at once, in the order of the file, then the rest", () => {
      const yaml =
        "server:\n  port: 70000\n  prot: 1\nworkers:\n  min_workers: 5\nphp:\n  worker_script: gone.php\n  binary: x y z\nlogging: {level: loud}\n";
      const problems = problemsOf({ yaml, environment: { VILYA_HOST: "a b" }, flags: { "server.prot": "1" } });
      expect(problems.map(({ origins }) => origins.map(renderOrigin).join())).toEqual([
        "vilya.yaml:2:9",
        "vilya.yaml:3:3",
        "vilya.yaml:5:16",
        "vilya.yaml:7:18",
        "vilya.yaml:8:11",
        "vilya.yaml:9:18",
        "flag -o server.prot",
        "env VILYA_HOST",
      ]);
    });

    test("a misspelt key without blaming the default it leaves in place", () => {
      const problems = problemsOf({
        cwd: "/empty",
        yaml: "php: {worker_scrip: app.php}",
        files: { "/empty/app.php": "" },
      });
      expect(problems.map(({ hint }) => hint)).toEqual(["did you mean php.worker_script?"]);
    });
  });

  test("needs neither PHP nor a script for the stub", () => {
    const { config } = loadText({
      cwd: "/empty",
      files: { "/empty/x": "" },
      environment: { VILYA_RUNTIME: "stub", PATH: "" },
    });
    expect(config.apps[0]?.runtime).toBe("stub");
  });

  test("gathers warnings", () => {
    const yaml = "{runtime: command, command: [php], server: {max_body_size: 1GiB}}";
    expect(loadText({ yaml, environment: { VILYA_PROT: "1" }, files: { ".rr.yaml": "" } }).warnings).toHaveLength(3);
  });
});

type DeepPartial<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepPartial<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]?: DeepPartial<Value[Key]> }
    : Value;
