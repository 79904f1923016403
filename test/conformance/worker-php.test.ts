import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { decodeWorkerBytes, type PlainResponse } from "../support/decode-worker-bytes.ts";
import { frameOf } from "../support/msgpack-values.ts";
import { readVectors } from "../support/worker-vectors.ts";

/** What `worker-php-frames.php` prints. */
interface PhpOutput {
  readonly packed: Readonly<Record<string, string>>;
  readonly unpacked: readonly unknown[];
}

const requests = [...readVectors("requests"), ...readVectors("events"), ...readVectors("control")];
const php = runPhp(requests.map(({ hex }) => hex));

function runPhp(frames: readonly string[]): PhpOutput {
  const { stdout, stderr, exitCode } = Bun.spawnSync(["php", join(import.meta.dir, "worker-php-frames.php")], {
    stdin: Buffer.from(JSON.stringify(frames)),
  });
  if (exitCode !== 0) throw new Error(`php exited with ${exitCode}: ${stderr.toString()}${stdout.toString()}`);
  return JSON.parse(stdout.toString()) as PhpOutput;
}

/** A vector's value as PHP shows its own: maps and lists as pairs, text as hex, and digits as the ints that array keys turn into. */
function asPhp(value: unknown): unknown {
  if (typeof value === "string") return hex(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item, index) => [index, asPhp(item)]);
  return Object.entries(value).map(([key, item]) => [/^\d+$/.test(key) ? Number(key) : hex(key), asPhp(item)]);
}

function hex(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}

const SILENT = { req_count: -1, mem_usage: -1, mem_peak: -1, recycle: false };

/** What is not listed is as in this one. */
const PLAIN: PlainResponse = { id: 7, status: 200, fields: [], body: "", error: null, usage: SILENT };

const EXPECTED: Readonly<Record<string, Partial<PlainResponse>>> = {
  "the worker of seed 001": { fields: [["Content-Type", "application/json"]], body: '{"status":"ok"}' },
  "no header": { status: 204 },
  "a header that is no list": {
    fields: [
      ["Content-Type", "text/plain"],
      ["Content-Length", "5"],
    ],
    body: "hello",
  },
  "a numeric header name": {
    fields: [
      ["404", "a"],
      ["X", "b"],
    ],
  },
  "a list with a hole": {
    fields: [
      ["Link", "a"],
      ["Link", "b"],
    ],
  },
  references: {
    fields: [
      ["A", "1"],
      ["B", "2"],
    ],
    body: "\xff\x00\x80",
  },
  "a status as text": { status: 404 },
  "a float status": { status: 404 },
  "an object": { status: 201 },
  "an object for headers": { fields: [["Vary", "Accept"]] },
  "a body of a million bytes": { body: "\xfe".repeat(1_000_000) },
  usage: { usage: { req_count: 3, mem_usage: 2 ** 31, mem_peak: 2 ** 40, recycle: true } },
  "an error": { status: 500, error: "Größe fehlt" },
  "values of every other type": {},
  "one object twice": {},
  "an array that holds itself": {},
};

describe("The worker codec and PHP's ext-msgpack", () => {
  test("PHP packs every case that is expected, and no other", () => {
    expect(Object.keys(php.packed)).toEqual(Object.keys(EXPECTED));
  });

  test.each(Object.entries(EXPECTED))("takes %s as PHP packs it", (name, expected) => {
    const payload = Buffer.from(php.packed[name] ?? "", "hex");
    const { responses, fault } = decodeWorkerBytes([frameOf(payload)]);
    expect({ fault, responses }).toEqual({ fault: null, responses: [{ ...PLAIN, ...expected }] });
  });

  test.each(requests.map(({ name, decoded }, index) => [name, decoded, index] as const))(
    "PHP unpacks: %s",
    (_, decoded, index) => {
      expect(php.unpacked[index]).toEqual(asPhp(decoded));
    },
  );
});
