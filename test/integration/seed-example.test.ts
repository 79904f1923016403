import { expect, test } from "bun:test";
import { join } from "node:path";

import { startVilya } from "../support/vilya.ts";

const SEED_WORKER = join(import.meta.dir, "../../examples/php/seed/worker.php");

const ROOT_BODY =
  '{"message":"Hello from Go API","data":[{"id":"1","name":"Gandalf","email":"gandalf@middleearth.com"},{"id":"2","name":"Frodo","email":"frodo@shire.com"},{"id":"3","name":"Aragorn","email":"aragorn@gondor.com"}],"total":3}';

/** The file as its users have it: plain seconds, every section, the schema's own name. */
const RR_YAML = `
server:
  host: 127.0.0.1
  port: 0
  read_timeout: 60
  write_timeout: 60
  enable_http2: true
workers:
  count: 2
  min_workers: 1
  max_workers: 4
  scale_down_idle_secs: 30
  aggressive_scale_down_secs: 300
  max_requests: 1000
  timeout: 30
  backpressure: { enabled: false, max_queue: 0 }
  queue_timeout: { enabled: true, timeout_ms: 2000 }
php:
  binary: php
  worker_script: ${SEED_WORKER}
logging:
  level: info
  format: json
`;

test("a worker printed for Narya runs unmodified, under its own configuration file", async () => {
  await using server = await startVilya({
    files: { ".rr.yaml": RR_YAML },
    args: ["-config=.rr.yaml"],
    environment: { VILYA_RUNTIME_DIR: "run" },
  });
  const root = await fetch(`${server.url}/`);
  expect(root.status).toBe(200);
  expect(root.headers.get("content-type")).toBe("application/json");
  expect(await root.text()).toBe(ROOT_BODY);
  const missing = await fetch(`${server.url}/missing?path=/`);
  expect(missing.status).toBe(404);
  expect(await missing.text()).toBe('{"error":"Not Found"}');
});

test("the health path tells how many workers there are, and can be left to the app", async () => {
  const workers = { count: 2 };
  const php = { worker_script: SEED_WORKER };
  await using server = await startVilya({ config: { runtime: "php", workers, php } });
  const health = await fetch(`${server.url}/health`);
  expect(await health.text()).toBe('{"status":"ok","workers":2,"active":0}');
  await using own = await startVilya({
    config: { runtime: "php", workers, php, server: { health_path: "" } },
  });
  const app = await fetch(`${own.url}/health`);
  expect(await app.text()).toBe('{"status":"ok","service":"api-go","version":"1.0.0"}');
});
