import { describe, expect, test } from "bun:test";
import { isAllowedImport, roomOf, STOREYS, storeyOf } from "./layers.ts";
import { findOffences, isTest, type Offence, readSourceFiles, type SourceFile } from "./source-file.ts";

/** The part of node:net that opens nothing. */
const PURE_IMPORT = /^import \{ (?:isIP|isIPv4|isIPv6)(?:, (?:isIP|isIPv4|isIPv6))* \}/;

const sources = await readSourceFiles("src/**/*.ts");
const programs = sources.filter((file) => !isTest(file.path));

describe("Layers", () => {
  test.each([
    ["src/kernel/arena.ts", "src/base/assert.ts", true],
    ["src/kernel/arena.ts", "src/kernel/turn.ts", true],
    ["src/kernel/arena.ts", "src/config/config.ts", false],
    ["src/kernel/arena.ts", "src/http/exchange.ts", false],
    ["src/http/exchange.ts", "src/workers/pool.ts", false],
    ["src/http/exchange.ts", "src/protocols/http1/limits.ts", true],
    ["src/protocols/http1/limits.ts", "src/kernel/arena.ts", true],
    ["src/protocols/http1/limits.ts", "src/protocols/http/method.ts", true],
    ["src/protocols/http1/limits.ts", "src/protocols/worker/frame.ts", false],
    ["src/protocols/http1/limits.ts", "src/config/config.ts", false],
    ["src/protocols/worker/frame.ts", "src/protocols/msgpack/encoder.ts", true],
    ["src/clients/redis/client.ts", "src/clients/nats/client.ts", false],
    ["src/engine/front/front.ts", "src/workers/pool.ts", true],
    ["src/engine/front/front.ts", "src/cli/main.ts", false],
    ["src/kernel/arena.ts", "test/support/client.ts", false],
    ["src/kernel/arena.test.ts", "test/support/client.ts", true],
  ])("%s may import %s: %p", (importer, imported, isAllowed) => {
    expect(isAllowedImport(importer, imported)).toBe(isAllowed);
  });

  test("every room of src has a storey", () => {
    const unknown = programs.filter((file) => storeyOf(roomOf(file.path)) === -1 && file.path.split("/").length > 2);
    expect(unknown.map((file) => `${file.path}:1: give its room a storey in layers.ts`)).toEqual([]);
  });

  test("imports point down only", () => {
    expect(sources.flatMap(importOffences)).toEqual([]);
  });

  test("imports name the file, ending included", () => {
    const offences = sources.flatMap((file) =>
      file.imports
        .filter(({ specifier, path }) => path !== undefined && !/\.(?:ts|json|html|css|svg|js)$/.test(specifier))
        .map(({ line, specifier }) => `${file.path}:${line}: ${specifier}: write the whole name, with .ts`),
    );
    expect(offences).toEqual([]);
  });

  test("codecs own no socket, no timer and no clock", () => {
    const advice =
      "a codec turns bytes into meaning; take what it needs as an argument, or move this to kernel/ or a body";
    const pattern =
      /\bBun\.|\bprocess\.|\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\(|\bDate\.now\b|\bDate\(\)|\bperformance\b/g;
    const impure = /^(?:node:(?!buffer$|crypto$|zlib$)|bun:)/;
    expect([...inRooms(["protocols"], pattern, advice), ...importing(["protocols"], impure, advice)]).toEqual([]);
  });

  test("only the kernel opens sockets, and http the HTTP/3 listener", () => {
    const advice = "use a Listener or a Connection of src/kernel";
    const others = roomsExcept("kernel");
    const offences = [
      ...inRooms(others, /\bBun\.(?:listen|connect|udpSocket)\b|\bfetch\(|\bnew WebSocket\(/g, advice),
      ...inRooms(roomsExcept("kernel", "http"), /\bBun\.serve\b/g, advice),
      ...importing(others, /^node:(?:net|tls|dgram|https?|http2)$/, advice),
    ];
    expect(offences).toEqual([]);
  });

  test("only workers and engine start processes", () => {
    const advice = "ask src/workers or src/engine for the process";
    const others = roomsExcept("workers", "engine");
    const offences = [
      ...inRooms(others, /\bBun\.(?:spawn|spawnSync|\$)|\bnew Worker\(/g, advice),
      ...importing(others, /^node:(?:child_process|cluster|worker_threads)$/, advice),
    ];
    expect(offences).toEqual([]);
  });

  test("only config reads the environment, which cli hands to it", () => {
    const advice = "make it a key of the configuration, or take it as an argument from src/cli";
    expect(inRooms(roomsExcept("config", "cli"), /\b(?:process|Bun)\.env\b/g, advice)).toEqual([]);
  });
});

function importOffences(file: SourceFile): readonly Offence[] {
  return file.imports.flatMap(({ line, specifier, path }): readonly Offence[] => {
    if (path === undefined || isAllowedImport(file.path, path)) return [];
    return [
      `${file.path}:${line}: ${specifier}: ${roomOf(file.path)} may not know ${roomOf(path)}; move the shared meaning down, or declare here the function type that is needed and let src/engine hand it in`,
    ];
  });
}

function roomsExcept(...rooms: readonly string[]): readonly string[] {
  return STOREYS.flat().filter((room) => !rooms.includes(room));
}

function filesIn(rooms: readonly string[]): readonly SourceFile[] {
  return programs.filter((file) => rooms.some((room) => file.path.startsWith(`src/${room}/`)));
}

function inRooms(rooms: readonly string[], pattern: RegExp, advice: string): readonly Offence[] {
  return filesIn(rooms).flatMap((file) => findOffences(file, file.code, pattern, advice));
}

function importing(rooms: readonly string[], pattern: RegExp, advice: string): readonly Offence[] {
  return filesIn(rooms).flatMap((file) =>
    file.imports
      .filter(({ clause, specifier }) => pattern.test(specifier) && !PURE_IMPORT.test(clause))
      .map(({ line, specifier }): Offence => `${file.path}:${line}: ${specifier}: ${advice}`),
  );
}
