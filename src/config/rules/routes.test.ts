import { describe, expect, test } from "bun:test";
import { loadText, problemsOf } from "../../../test/support/config-text.ts";
import { explainSettings, renderExplanation } from "../description/explain.ts";
import type { LoadedConfig } from "../load-config.ts";
import { renderOrigin } from "../origin.ts";
import type { ConfigProblem } from "../problem.ts";

function load(yaml: string, flags: Readonly<Record<string, string>> = {}): LoadedConfig {
  return loadText({ yaml, flags });
}

/** `message @line:column … hint` for each. */
function render(problems: readonly ConfigProblem[]): readonly string[] {
  return problems.map(({ message, origins, hint }) =>
    [message, ...origins.map((origin) => `@${renderOrigin(origin).replace("vilya.yaml:", "")}`), hint ?? ""]
      .join(" ")
      .trim(),
  );
}

function refused(yaml: string, flags: Readonly<Record<string, string>> = {}): readonly string[] {
  return render(problemsOf({ yaml, flags }));
}

function warned(yaml: string): readonly string[] {
  return render(load(yaml).warnings);
}

const TWO_APPS = "apps:\n  shop: {runtime: stub}\n  blog: {runtime: stub}\n";

describe("apps", () => {
  test("have options of their own, and the defaults that the short form has", () => {
    const { config } = load(
      "apps:\n  shop:\n    php: {worker_script: worker.php, ini: {memory_limit: 1G}}\n    workers: {count: 2, queue: {max_queue: 5}}\n  blog: {runtime: stub}\nroutes:\n  - {path: /blog/*, app: blog}\n  - app: shop\n",
    );
    expect(config.apps.map(({ name, runtime }) => `${name} ${runtime}`)).toEqual(["shop php", "blog stub"]);
    expect(config.apps[0]).toMatchObject({
      entry: "/app/worker.php",
      ini: { memory_limit: "1G" },
      pool: { workerCount: 2, workerCountMax: 2, overflow: { queueDepthMax: 5 } },
    });
    expect(config.apps[1]?.pool.workerCount).toBe(4);
  });

  test("take overrides by their names", () => {
    const flags = { "apps.shop.workers.count": "7", "apps.shop.php.env.A": "1" };
    const { config } = load("apps: {shop: {runtime: stub}}", flags);
    expect(config.apps[0]).toMatchObject({ environment: { A: "1" }, pool: { workerCount: 7 } });
    expect(config.routes).toEqual([]);
  });

  test.each<[string, Record<string, string>, string]>([
    [
      "apps: {shop: {runtime: stub}}\nruntime: stub\n",
      {},
      "Cannot use runtime: apps is given too, one of the two is allowed @2:10 @1:7 try: apps.NAME.runtime, for the app that is meant",
    ],
    [
      "apps: {shop: {runtime: stub}}\n",
      { "workers.count": "2" },
      "Cannot use workers.count: apps is given too, one of the two is allowed @flag -o workers.count @1:7 try: apps.NAME.workers.count, for the app that is meant",
    ],
    [
      "apps: {shop: {runtime: stub}}\nphp: {env: {A: b}}\n",
      {},
      "Cannot use php.env: apps is given too, one of the two is allowed @2:16 @1:7 try: apps.NAME.php.env, for the app that is meant",
    ],
    [
      "apps: {shop: {runtime: stub}}\n",
      { "apps.shpo.workers.count": "2" },
      "Cannot use apps.shpo.workers.count: no app has this name, one of the configuration file is allowed @flag -o apps.shpo.workers.count try: shop",
    ],
    [
      TWO_APPS,
      {},
      "Cannot use apps: there are several and no routes, routes that say which requests are for which are allowed @2:3 try: routes: [{ path: /api/*, app: shop }, { app: blog }]",
    ],
    [
      "apps: {shop: {runtime: stub, workers: {count: 2, min_workers: 3}}}",
      {},
      "Cannot use apps.shop.workers.count: min_workers is 3, count 2, max_workers 2, min_workers <= count <= max_workers is allowed @1:63 @1:47",
    ],
    [
      "apps: {shop: {php: {worker_script: gone.php}}}",
      {},
      "Cannot use apps.shop.php.worker_script: /app/gone.php does not exist, a PHP file is allowed @1:36 try: start where the file is, or set php.worker_script",
    ],
    [
      "apps: {shop: {runtime: phq}}",
      {},
      'Cannot use apps.shop.runtime: it is "phq", one of php, bun, node, python, command, stub is allowed @1:24 did you mean php?',
    ],
    [
      "apps: {shop: {wrokers: {count: 2}}}",
      {},
      'Cannot use apps.shop: "wrokers" is no key of it, only documented ones are allowed @1:15 did you mean workers?',
    ],
    [
      "apps: {a.b: {runtime: stub}}",
      {},
      "Cannot use apps.a.b: a name of 1 to 32 letters, digits, `_` and `-` that starts with a letter or digit is allowed @1:8",
    ],
    ["apps: [shop]", {}, "Cannot use apps: it is a list, a map of up to 64 names is allowed @1:7"],
  ])("refuses %j with %j", (yaml, flags, expected) => {
    expect(refused(yaml, flags)).toContain(expected);
  });

  test("warns of one that no route leads to", () => {
    expect(warned(`${TWO_APPS}routes: [{app: blog}]\n`)).toEqual([
      "Cannot reach app shop: no route leads to it @2:19 try: a route with app: shop, or remove the app",
    ]);
  });

  test("are none in the short form when routes lead elsewhere only", () => {
    expect(load("routes: [{respond: {status: 404}}]").config.apps).toEqual([]);
    expect(load("runtime: stub\nroutes: [{app: default}]").config.apps).toHaveLength(1);
  });
});

describe("routes", () => {
  test("are resolved with their names, places and conditions", () => {
    const { config } = load(
      `${TWO_APPS}routes:\n  - {path: "/u/{id:int}", host: [A.example, "*.b.example"], method: GET, query: {q: "*"}, header: {X-Beta: "1"}, app: shop}\n  - {name: old, path: /old/*, redirect: {to: "/new{path}", status: 301}}\n  - {rewrite: /x, app: blog}\n`,
    );
    expect(config.routes).toMatchObject([
      {
        name: "/u/{id:int}",
        place: "vilya.yaml:5:12",
        match: {
          hosts: ["a.example", "*.b.example"],
          methods: ["GET"],
          path: "/u/{id:int}",
          query: { q: "*" },
          headers: { "x-beta": "1" },
        },
        rewrite: null,
        compression: null,
        action: { kind: "app", app: "shop", streamsRequests: null, parsesForms: null, timeoutMs: null },
      },
      {
        name: "old",
        place: "vilya.yaml:6:12",
        match: { hosts: [], methods: [], path: "/old/*", query: {}, headers: {} },
        rewrite: null,
        compression: null,
        action: { kind: "redirect", status: 301, to: "/new{path}" },
      },
      {
        name: "/*",
        place: "vilya.yaml:7:15",
        match: { hosts: [], methods: [], path: "/*", query: {}, headers: {} },
        rewrite: "/x",
        compression: null,
        action: { kind: "app", app: "blog", streamsRequests: null, parsesForms: null, timeoutMs: null },
      },
    ]);
  });

  test.each([
    [
      "{path: /x}",
      "Cannot use routes[0]: it leads nowhere, one of app, static, redirect, rewrite, respond, proxy is allowed @1:17 try: app: default",
    ],
    [
      "{redirect: {status: 301}}",
      "Cannot use routes[0]: it leads nowhere, one of app, static, redirect, rewrite, respond, proxy is allowed @1:30 try: redirect: { to: … }",
    ],
    [
      "{proxy: {timeout: 5}}",
      "Cannot use routes[0]: it leads nowhere, one of app, static, redirect, rewrite, respond, proxy is allowed @1:28 try: proxy: { to: http://… }",
    ],
    [
      "{proxy: {to: 'https://a.example/x'}}",
      'Cannot use routes[0].proxy.to: it is "https://a.example/x", an address such as http://127.0.0.1:3000 or unix:/run/app.sock, without a path, is allowed @1:23',
    ],
    [
      "{app: default, respond: {status: 200}}",
      "Cannot use routes[0]: it has app and respond, one of them is allowed @1:16 @1:43",
    ],
    [
      "{app: defautl}",
      "Cannot use routes[0].app: no app is named defautl, one of default is allowed @1:16 did you mean default?",
    ],
    [
      "{path: x, app: default}",
      'Cannot use routes[0].path: it is "x", a path such as /about, /users/{id}, /users/{id:int}, /files/{rest:path} or /api/* is allowed @1:17',
    ],
    [
      "{redirect: {to: //evil.example}}",
      'Cannot use routes[0].redirect.to: it is "//evil.example", a path that begins with one slash or an http or https address, {NAME} for what a parameter is, is allowed @1:26',
    ],
    [
      '{redirect: {to: "/a\\r\\nb"}}',
      'Cannot use routes[0].redirect.to: it is "/a\\r\\nb", a path that begins with one slash or an http or https address, {NAME} for what a parameter is, is allowed @1:26',
    ],
    [
      '{path: "/{id}", rewrite: "/x/{ib}"}',
      "Cannot use routes[0].rewrite: path has no parameter named ib, id, scheme, host, path, query are allowed @1:35 did you mean {id}?",
    ],
    [
      "{method: get, app: default}",
      'Cannot use routes[0].method: it is "get", a list of methods in capitals is allowed @1:19',
    ],
    [
      '{header: {"X Y": a}, app: default}',
      'Cannot use "routes[0].header.X Y": the name of a header field is allowed @1:27',
    ],
    [
      '{respond: {status: 200, headers: {X: "a\\nb"}}}',
      'Cannot use routes[0].respond.headers.X: it is "a\\nb", one line of ASCII text is allowed @1:47',
    ],
    [
      "{aap: default}",
      'Cannot use routes[0]: "aap" is no key of it, only documented ones are allowed @1:11 did you mean app?',
    ],
    [
      "{rewrite: /x}",
      "Cannot use routes[0].rewrite: it goes round in a circle (routes[0]), a path that another action answers is allowed @1:20",
    ],
  ])("refuses %s", (route, expected) => {
    const yaml = `routes: [${route}, {path: /app, app: default}]\nruntime: stub\n`;
    expect(refused(yaml)).toContain(expected);
  });

  test("have policies, off unless they are given", () => {
    const hash = "$2b$10$abcdefghijklmnopqrstuuQZ0Zq0Zq0Zq0Zq0Zq0Zq0Zq0Zq0Zq0Z";
    const { config, settings } = load(
      `runtime: stub\nroutes:\n  - app: default\n    max_body_size: 1MiB\n    request_headers: {set: {X-A: b}, remove: [Cookie]}\n    cors: {origins: [https://A.example]}\n    auth: {users: {eve: ${hash}}}\n    rate_limit: {requests: 5, per: 1m}\n    error_pages: {enabled: true}\n`,
    );
    expect(config.routes[0]?.policies).toEqual({
      bodyBytesMax: 2 ** 20,
      requestFields: { remove: ["Cookie"], set: { "X-A": "b" }, add: {} },
      responseFields: null,
      securityHeaders: false,
      requestId: false,
      cors: {
        origins: ["https://a.example"],
        methods: ["GET", "HEAD", "POST"],
        headers: [],
        exposed: [],
        allowsCredentials: false,
        maxAgeS: 600,
      },
      basicAuth: { realm: "restricted", users: { eve: hash } },
      rateLimit: { requestCount: 5, periodMs: 60_000, burstCount: 5 },
      maintenance: null,
      errorPages: { html: null },
    });
    expect(renderExplanation(explainSettings(settings))).not.toContain("$2b$");
  });

  test.each([
    ["max_body_size: 11MiB", "max_body_size: server.max_body_size is 10MiB, no more than that is allowed @1:40"],
    [
      "cors: {origins: ['*'], credentials: true}",
      "cors.credentials: cors.origins is *, origins by name are allowed @1:61",
    ],
    [
      "cors: {credentials: true}",
      "cors.credentials: cors.origins is not given, with at least one of them it is allowed @1:45",
    ],
    [
      "auth: {realm: back}",
      "auth.realm: auth.users is not given and everybody would pass, with at least one of them it is allowed @1:39",
    ],
    [
      "rate_limit: {burst: 5}",
      "rate_limit.burst: rate_limit.requests is not given, the two together are allowed @1:45",
    ],
    ["error_pages: {html: x}", "error_pages.html: error_pages.enabled is false, with true it is allowed @1:45"],
    [
      "auth: {users: {eve: secret}}",
      "auth.users.eve: its value cannot be used, the hash of a password, as bcrypt ($2b$…) or argon2 ($argon2id$…), is allowed @1:45",
    ],
    [
      'response_headers: {set: {X: "a\\r\\nSet-Cookie: b"}}',
      'response_headers.set.X: it is "a\\r\\nSet-Cookie: b", one line of ASCII text is allowed @1:53',
    ],
    [
      "cors: {origins: [https://a.example/path]}",
      'cors.origins: it is ["https://a.example/path"], a list of origins such as https://app.example.org, or *, is allowed @1:41',
    ],
  ])("refuses %s", (policy, expected) => {
    expect(refused(`routes: [{app: default, ${policy}}]\nruntime: stub\n`)).toEqual([
      `Cannot use routes[0].${expected}`,
    ]);
  });

  test.each(["Connection", "transfer-encoding", "CONTENT-LENGTH", "host", "X Y"])(
    "refuses a header rule for %s",
    (name) => {
      expect(
        refused(`routes: [{app: default, response_headers: {set: {"${name}": x}}}]\nruntime: stub\n`)[0],
      ).toContain("the name of a header field that is not about the connection, the host or the length is allowed");
    },
  );

  test("refuses rewrites that lead back over several routes, once", () => {
    const yaml = `routes:\n  - {path: /a/*, rewrite: /b/x}\n  - {path: "/b/{id}", rewrite: "/c/{id}"}\n  - {path: /c/*, rewrite: /a}\n  - {path: /d, rewrite: /a}\n`;
    expect(refused(yaml)).toEqual([
      "Cannot use routes[0].rewrite: it goes round in a circle (routes[0] to routes[1] to routes[2]), a path that another action answers is allowed @2:27 @3:32 @4:27",
    ]);
  });

  test("warns of redirects that go round in a circle, and of no others", () => {
    const routes = [
      "{path: /a, redirect: {to: /b}}",
      "{path: /b, rewrite: /c}",
      "{path: /c, redirect: {to: /a}}",
      "{path: /old/*, redirect: {to: '/old/new'}}",
      "{path: /docs, redirect: {to: /docs/}}",
      "{path: /q, redirect: {to: '/q?x=1'}}",
      "{path: /s, redirect: {to: 'https://{host}/s'}}",
    ];
    expect(warned(`routes:\n${routes.map((route) => `  - ${route}\n`).join("")}`)).toEqual([
      "Cannot lead anywhere by routes[0]: clients go round in a circle (routes[0] to routes[1] to routes[2]) @2:31 @3:25 @4:31 try: a path that another action answers",
      "Cannot lead anywhere by routes[3]: clients go round in a circle (routes[3]) @5:35 try: a path that another action answers",
    ]);
  });

  test.each(["timeout: 5", "stream_request: true", "uploads: false"])("refuses %s where no app answers", (option) => {
    expect(refused(`routes: [{proxy: {to: 'http://a:1'}, ${option}}]`)).toEqual([
      `Cannot use routes[0].${option.split(":")[0]}: no app answers, which alone has workers, a route with app is allowed @1:${39 + option.indexOf(":") + 1}`,
    ]);
  });

  test.each([
    ["{path: '/x/{id}', app: default}", "{path: '/x/{name}', app: default}"],
    ["{path: /x/*, app: default}", "{path: '/x/{rest:path}', method: [], app: default}"],
    ["{method: [GET, POST], app: default}", "{method: GET, app: default}"],
    ["{host: [A.example, b.example], app: default}", "{host: a.EXAMPLE, app: default}"],
    ["{header: {X-A: '*'}, app: default}", "{header: {x-a: '1'}, app: default}"],
    ["{method: GET, app: default}", "{method: HEAD, app: default}"],
  ])("warns that %s shadows %s", (first, second) => {
    expect(warned(`runtime: stub\nroutes:\n  - ${first}\n  - ${second}\n`)[0]).toStartWith(
      "Cannot reach routes[1]: routes[0] takes all of its requests @3:",
    );
  });

  test.each([
    ["", "@3:12"],
    ["server: {health_path: /up}\n", "@4:12 @1:23"],
  ])("warns of one for the health path: %s", (server, places) => {
    const path = server === "" ? "/health" : "/up";
    expect(warned(`${server}runtime: stub\nroutes:\n  - {path: ${path}, app: default}\n  - {app: default}\n`)).toEqual([
      `Cannot reach routes[0]: server.health_path is ${path}, which is answered before any route is asked ${places} try: server.health_path: off, or another path there`,
    ]);
  });

  test.each([
    ["{path: /x/*, app: default}", "{path: '/x/{id}', app: default}"],
    ["{app: default}", "{method: GET, app: default}"],
    ["{app: default}", "{host: a.example, app: default}"],
    ["{method: GET, app: default}", "{method: [GET, POST], app: default}"],
    ["{query: {a: '1'}, app: default}", "{query: {a: '*'}, app: default}"],
  ])("says nothing of %s and %s", (first, second) => {
    expect(warned(`runtime: stub\nroutes:\n  - ${first}\n  - ${second}\n`)).toEqual([]);
  });
});
