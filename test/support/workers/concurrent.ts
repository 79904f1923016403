/**
 * A worker of level 2 that runs several requests at a time, written apart from the SDK. What it does is in the request's path; `CONCURRENCY` and
 * `FEATURES` in its environment say what its hello says.
 */
import { existsSync } from "node:fs";

import { decodeMsgpack, type PlainValue } from "../decode-msgpack.ts";
import { encodeFrame, type MsgpackValue } from "../msgpack-values.ts";

const { CONCURRENCY = "10", FEATURES = "stream,ping" } = process.env;

type Frame = ReadonlyMap<string, PlainValue>;

/** One request while it is not answered. */
interface Running {
  readonly id: number;
  readonly query: URLSearchParams;
  /** Bytes of its response that may be sent. */
  credit: number;
  /** Called when credit has come. */
  onCredit: () => void;
  /** Called when it is cancelled: it ends without a head. */
  onCancel: () => void;
}

process.on("SIGUSR2", () => process.stderr.write("asked where it is\n"));

const running = new Map<number, Running>();
let mostRunning = 0;
let cancelCount = 0;
let received: Buffer = Buffer.alloc(0);
let isGreeted = false;
/** The codes with which sockets have ended, oldest first. */
const closeCodes: number[] = [];

const pathAt = process.argv.indexOf("--sock") + 1;
const socket = await Bun.connect({
  unix: process.argv[pathAt]!,
  socket: {
    binaryType: "buffer",
    data: (_, chunk) => receive(chunk),
    close: () => process.exit(0),
    drain: () => flush(),
  },
});

/** What the socket has not taken yet. */
let output = Buffer.alloc(0);

function flush(): void {
  if (output.length > 0) output = output.subarray(socket.write(output));
}

function send(frame: { readonly [key: string]: MsgpackValue }): void {
  output = Buffer.concat([output, encodeFrame(frame)]);
  flush();
}

function receive(chunk: Buffer): void {
  received = Buffer.concat([received, chunk]);
  if (!isGreeted && received.length >= "NARYA1".length) {
    isGreeted = true;
    received = received.subarray("NARYA1".length);
    const features = FEATURES.split(",").filter((feature) => feature !== "");
    const hello = encodeFrame({ type: "hello", level: 2, sdk: "test/1", features, concurrency: Number(CONCURRENCY) });
    output = Buffer.concat([Buffer.from("OK"), hello]);
    flush();
  }
  while (isGreeted && received.length >= 4 && received.length >= 4 + received.readUInt32BE(0)) {
    const end = 4 + received.readUInt32BE(0);
    const frame = decodeMsgpack(received.subarray(4, end)) as Frame;
    received = received.subarray(end);
    take(frame);
  }
}

function text(frame: Frame, key: string): string {
  const value = frame.get(key);
  return typeof value === "string" ? value : "";
}

function take(frame: Frame): void {
  const request = running.get(Number(frame.get("id")));
  switch (text(frame, "type")) {
    case "ping":
      send({ type: "pong", n: Number(frame.get("n")) });
      return;
    case "cancel":
      cancelCount++;
      request?.onCancel();
      return;
    case "ws_message":
      onMessage(Number(frame.get("id")), frame);
      return;
    case "ws_close":
      closeCodes.push(Number(frame.get("code")));
      send({ type: "end", id: Number(frame.get("id")) });
      return;
    case "credit":
      if (request === undefined) return;
      request.credit += Number(frame.get("bytes"));
      request.onCredit();
      return;
    case "stop":
      process.exit(0);
      return;
    case "":
      begin(frame);
  }
}

function begin(frame: Frame): void {
  const id = Number(frame.get("id"));
  const request: Running = {
    id,
    query: new URLSearchParams(text(frame, "query")),
    credit: 0,
    onCredit: () => {},
    onCancel: () => end(id),
  };
  if (frame.get("websocket") === true && text(frame, "path") === "/socket") {
    const offered = frame.get("protocols") as readonly string[];
    send({
      type: "head",
      id,
      status: 101,
      headers: { "x-socket": text(frame, "socket") },
      protocol: offered.at(-1) ?? null,
    });
    return;
  }
  if (text(frame, "path") === "/connection") {
    const facts = ["http_version", "server_addr"].map((key) => text(frame, key) || "none");
    send({ id, status: 200, headers: {}, body: facts.join(" ") });
    return;
  }
  running.set(id, request);
  mostRunning = Math.max(mostRunning, running.size);
  handle(text(frame, "path"), request);
}

function answer(id: number, body: string): void {
  if (running.delete(id)) send({ id, status: 200, headers: {}, body });
}

function end(id: number): void {
  if (running.delete(id)) send({ type: "end", id });
}

function handle(path: string, request: Running): void {
  const { id, query } = request;
  const ms = Number(query.get("ms"));
  const file = query.get("file") ?? "";
  switch (path) {
    case "/pid":
      answer(id, String(process.pid));
      return;
    case "/most-running":
      answer(id, String(mostRunning));
      return;
    case "/running":
      answer(id, String(running.size));
      return;
    case "/close-codes":
      answer(id, closeCodes.join(" "));
      return;
    case "/refuse":
      send({ id, status: 403, headers: {}, body: "not you" });
      running.delete(id);
      return;
    case "/cancelled":
      answer(id, String(cancelCount));
      return;
    case "/sleep":
      setTimeout(() => answer(id, `slept ${ms}`), ms);
      return;
    case "/late-answer":
      request.onCancel = () => answer(id, "too late");
      return;
    case "/wait":
      waitFor(file, () => answer(id, "waited"));
      return;
    case "/block":
      while (!existsSync(file));
      answer(id, "blocked");
      return;
    case "/exit":
      process.exit(3);
      return;
    case "/twice":
      answer(id, "once");
      send({ id, body: "twice" });
      return;
    case "/stream":
      stream(request, Number(query.get("bytes")), false);
      return;
    case "/overrun":
      stream(request, Number(query.get("bytes")), true);
      return;
    case "/chunk-first":
      send({ type: "chunk", id, body: "x" });
      return;
    case "/deaf":
      request.onCancel = () => {};
      break;
    case "/hold":
      break;
    default:
      answer(id, path);
  }
}

/** Goes on once there is such a file. */
function waitFor(file: string, goOn: () => void): void {
  if (existsSync(file)) goOn();
  else setTimeout(() => waitFor(file, goOn), 2);
}

/** What a socket does is in the messages of its client: a word, or anything else to have it back. */
function onMessage(id: number, frame: Frame): void {
  const data = text(frame, "data");
  switch (data) {
    case "close":
      send({ type: "ws_close", id, code: 4000, reason: "as you wish" });
      return;
    case "end":
      send({ type: "end", id });
      return;
    case "fail":
      send({ type: "end", id, error: "secret" });
      return;
    case "exit":
      process.exit(3);
      return;
    case "no text":
      send({ type: "ws_message", id, data: Buffer.of(0xff), binary: false });
      return;
    default:
      send({ type: "ws_message", id, data: Buffer.from(data, "latin1"), binary: frame.get("binary") === true });
      send({ type: "credit", id, bytes: data.length + 16 });
  }
}

/** Answers with `byteCount` bytes in parts, as credit comes, or in spite of it. */
function stream(request: Running, byteCount: number, isGreedy: boolean): void {
  let left = byteCount;
  send({ type: "head", id: request.id, status: 200, headers: {} });
  request.onCredit = () => {
    const now = isGreedy ? left : Math.min(left, request.credit);
    request.credit -= now;
    left -= now;
    if (now > 0) send({ type: "chunk", id: request.id, body: "x".repeat(now) });
    if (left === 0) end(request.id);
  };
}
