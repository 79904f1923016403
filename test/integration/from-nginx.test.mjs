import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { parse } from "yaml";

import { say } from "../../scripts/lib/report.mjs";
import { testAuthority } from "../support/certificates.ts";
import { until } from "../support/until.ts";
import { startVilya } from "../support/vilya.ts";

const REPOSITORY = join(import.meta.dir, "../..");
const GUIDE = readFileSync(join(REPOSITORY, "docs/guides/nginx.md"), "utf8");
/** Where Debian has what is no command for users. */
const SYSTEM_PATH = `${process.env.PATH}:/usr/sbin`;

const nginx = Bun.which("nginx", { PATH: SYSTEM_PATH });
const fpm = findFpm();
// Installing them would start services on the machine's own ports.
if (!nginx || !fpm) say("Skipped, because nginx or php-fpm is not installed: the guide's two configurations");

function findFpm() {
  const versioned = readdirSync("/usr/sbin").find((name) => /^php-fpm\d/.test(name));
  return Bun.which("php-fpm", { PATH: SYSTEM_PATH }) ?? (versioned ? `/usr/sbin/${versioned}` : null);
}

/** The nth block of a language in the guide, without the numbers of its lines. */
function blockOf(language, index = 0) {
  const [, text] = [...GUIDE.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))][index];
  return text.replaceAll(/^ ?\d+(?: {2}|$)/gm, "");
}

const FILES = {
  "public/plain.txt": "plain\n",
  "public/site.css": "body {}\n",
  "public/folder/index.html": "<h1>page</h1>\n",
  "public/.env": "SECRET=1\n",
  "public/.well-known/security.txt": "Contact: nobody\n",
  "public/50x.html": "<h1>50x</h1>\n",
  "public/index.php": `<?php
    header('Content-Type: text/plain;charset=utf-8');
    echo $_SERVER['REQUEST_METHOD'], ' ', $_SERVER['REQUEST_URI'], ' ', strlen(file_get_contents('php://input'));`,
  "worker.php": `<?php
    require '${REPOSITORY}/sdk/php/autoload.php';
    (new Vilya\\Runtime\\Worker(null, fn (array $request): array => [
        'headers' => ['Content-Type' => 'text/plain;charset=utf-8'],
        'body' => "{$request['method']} {$request['uri']} " . strlen($request['body']),
    ]))->run();`,
};

/** The guide's nginx and php-fpm in a folder of their own. */
async function startNginx() {
  const folder = await mkdtemp(join(tmpdir(), "vilya-nginx-"));
  const { certificatePem, keyPem } = testAuthority().issue({ names: ["example.org"], commonName: "site" });
  const [clear, tls] = [freePort(), freePort()];
  const paths = [
    ["listen 80;", `listen 127.0.0.1:${clear};`],
    ["listen 443 ssl http2;", `listen 127.0.0.1:${tls} ssl;`],
    ["/etc/ssl/example.org.pem", `${folder}/site.crt`],
    ["/etc/ssl/example.org.key", `${folder}/site.key`],
    ["/srv/site/public", `${folder}/public`],
    ["/var/log/nginx/site.log", `${folder}/site.log`],
    ["/etc/nginx/htpasswd", `${folder}/htpasswd`],
    ["include fastcgi.conf;", "include /etc/nginx/fastcgi.conf;"],
    ["/run/php/php8.3-fpm.sock", `${folder}/fpm.sock`],
  ];
  const servers = paths.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, blockOf("nginx"));
  const isRoot = process.getuid() === 0;
  const user = isRoot ? "user = root\ngroup = root\n" : "";
  for (const [name, text] of Object.entries({
    ...FILES,
    "site.crt": certificatePem,
    "site.key": keyPem,
    htpasswd: "eve:{PLAIN}secret\n",
    "nginx.conf": `${isRoot ? "user root;" : ""} daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
      http {
        include /etc/nginx/mime.types; access_log off; client_body_temp_path ${folder}/bodies; fastcgi_temp_path ${folder}/answers;
        limit_req_zone $binary_remote_addr zone=one:1m rate=1r/s;
        ${servers}
      }`,
    "fpm.conf": `[global]\nerror_log = ${folder}/fpm.log\n[www]\n${user}listen = ${folder}/fpm.sock\npm = static\npm.max_children = 1\n`,
  })) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const quiet = { stdio: ["ignore", "ignore", "ignore"] };
  const programs = [
    Bun.spawn([fpm, "-F", "-y", join(folder, "fpm.conf"), ...(isRoot ? ["-R"] : [])], quiet),
    Bun.spawn([nginx, "-p", folder, "-c", join(folder, "nginx.conf")], quiet),
  ];
  const server = {
    port: tls,
    async [Symbol.asyncDispose]() {
      for (const program of programs) program.kill("SIGTERM");
      await Promise.all(programs.map(({ exited }) => exited));
      await rm(folder, { recursive: true });
    },
  };
  try {
    await until("nginx and php-fpm", async () => (await ask(server.port, {}).catch(() => null))?.status === 200);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

/** The guide's counterpart. */
async function startCounterpart() {
  const config = parse(blockOf("yaml"));
  const { certificatePem, keyPem } = testAuthority().issue({ names: ["example.org"], commonName: "site" });
  const listener = { host: "127.0.0.1", port: 0 };
  const tls = { ...config.server.listeners[1].tls, certificates: [{ cert: "site.crt", key: "site.key" }] };
  const server = await startVilya({
    config: {
      ...config,
      server: {
        ...config.server,
        listeners: [
          { ...listener, redirect_https: true },
          { ...listener, tls },
        ],
      },
      logging: { ...config.logging, access_log: "site.log", format: "json" },
    },
    environment: { ADMIN_HASH: await Bun.password.hash("secret", { algorithm: "bcrypt", cost: 4 }) },
    files: { ...FILES, "site.crt": certificatePem, "site.key": keyPem },
  });
  return Object.assign(server, { tlsPort: Number(new URL(server.urls[1]).port) });
}

function freePort() {
  using listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  return listener.port;
}

/** What a server answers, as far as the two should agree: a `Location` without the server's own address, no charset of files. */
async function ask(port, { path = "/", method = "GET", headers = {}, body = "" }) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const sent = request({
    port,
    path,
    method,
    headers: { host: "example.org", ...headers, ...(body && { "content-length": body.length }) },
    rejectUnauthorized: false,
    agent: false,
  });
  sent.on("error", reject).on("response", resolve).end(body);
  const response = await promise;
  const { location, "content-type": type = "", "cache-control": cache, "x-frame-options": frames } = response.headers;
  const text = (await response.toArray()).join("");
  return {
    status: response.statusCode,
    location: location?.replace(/^https:\/\/example\.org(?::\d+)?(?=\/(?:new|folder))/, ""),
    type: type.split(";")[0],
    cache,
    frames,
    text: response.statusCode < 300 ? text : "",
  };
}

const basic = (credentials) => ({ authorization: `Basic ${btoa(credentials)}` });

const ALIKE = [
  { path: "/" },
  { path: "/users/7?order=%20b" },
  { path: "/caf%c3%a9" },
  { path: "/index.php" },
  { path: "/form", method: "POST", body: "a=1" },
  { path: "/form", method: "DELETE" },
  { path: "/plain.txt" },
  { path: "/plain.txt", method: "HEAD" },
  { path: "/plain.txt", headers: { range: "bytes=0-1" } },
  { path: "/site.css" },
  { path: "/folder" },
  { path: "/old/a/b?c=d" },
  { path: "/admin/", headers: basic("eve:secret") },
  { path: "/admin/", headers: basic("eve:wrong") },
  { path: "/admin/" },
  { path: "/.well-known/security.txt" },
];

describe.skipIf(!nginx || !fpm)("The two configurations of the guide for nginx", () => {
  test("answer alike", async () => {
    await using before = await startNginx();
    await using after = await startCounterpart();
    for (const each of ALIKE) {
      const [theirs, ours] = await Promise.all([ask(before.port, each), ask(after.tlsPort, each)]);
      // Errors and redirects differ in the words that people see.
      if (theirs.status >= 300) theirs.type = ours.type;
      expect({ request: each, ...ours }).toEqual({ request: each, ...theirs });
    }
  });

  test("differ where the guide says so", async () => {
    await using before = await startNginx();
    await using after = await startCounterpart();
    for (const [each, theirs, ours] of [
      [{ path: "/.env" }, 403, 200],
      [{ path: "/folder/" }, 403, 200],
      [{ path: "/none.css" }, 404, 200],
      [{ path: "/other.php" }, 404, 200],
      [{ path: "/plain.txt", method: "POST", body: "x" }, 405, 200],
      [{ path: "/folder/../plain.txt" }, 200, 400],
      [{ path: "/a%2Fb" }, 200, 400],
      [{ path: "/a", headers: { host: "www.example.org" } }, 200, 301],
    ]) {
      const answers = await Promise.all([ask(before.port, each), ask(after.tlsPort, each)]);
      expect([each, ...answers.map(({ status }) => status)]).toEqual([each, theirs, ours]);
      expect(answers[1].text).not.toContain("SECRET");
    }
  });
});
