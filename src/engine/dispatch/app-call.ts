import type { BodyIntake, Exchange, ExchangeHandler } from "../../http/exchange.ts";
import type { Form } from "../../http/forms/form.ts";
import type { FormReader } from "../../http/forms/form-reader.ts";
import type { RequestStream } from "../../http/body/request-stream.ts";
import type { ResponseStream } from "../../http/response-stream.ts";
import { removeFile } from "../../http/body/spool-file.ts";
import { type FileOffload, type OffloadOffer, offerOf } from "../../http/static/file-offload.ts";
import type { SpooledBody } from "../../http/body/body-spool.ts";
import type { BodyPlace } from "../../protocols/worker/request-extras.ts";
import type { FormLimits } from "../../protocols/form/form-limits.ts";
import { encodeForm } from "../../protocols/worker/form-encoder.ts";
import type { WorkerResponse } from "../../protocols/worker/worker-response.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { Call, type CallFailure } from "../../workers/calls/call.ts";
import type { StreamControl } from "../../workers/calls/call-stream.ts";
import type { WorkerPool } from "../../workers/pool.ts";
import type { BodyOwner } from "./body-owner.ts";
import { refuseFailed } from "./call-refusal.ts";
import { announcesForm, readForm } from "./form-intake.ts";
import { encodeExchange, encodeShortly } from "./request-frame.ts";
import { workerTrailers } from "./worker-trailers.ts";

const ANSWER_TO_AN_EVENT = "Cannot answer a request: the worker's answer is of type done, a response is allowed";

const SWITCH_UNASKED =
  "Cannot answer a request: the status is 101, which accepts a WebSocket, one of a final response is allowed";

const NO_FRAME = Buffer.alloc(0);

/** What the calls of one app share. */
export interface AppContext {
  readonly name: string;
  readonly pool: WorkerPool;
  readonly timeoutMs: number;
  /** Whether workers get bodies while they arrive, as far as they can. */
  readonly streamsRequests: boolean;
  /** What the forms may have that workers get parsed, as far as they can; null where they get them as they are. */
  readonly uploads: FormLimits | null;
  /** Gives files of bodies to its workers; null where those are who the engine is. */
  readonly bodyOwner: BodyOwner | null;
  /** Sends files that its answers name; null where that is off. */
  readonly offload: FileOffload | null;
  readonly runtimeVersion: string;
  readonly log: Logger;
}

/** Joins one HTTP exchange to one pool call: the request becomes a worker's frame, the worker's answer the response. */
export class AppCall extends Call implements ExchangeHandler {
  readonly #exchange: Exchange;
  readonly #app: AppContext;
  readonly bodyIntake: BodyIntake;
  /** The file that its worker reads the body from. */
  #bodyPath: string | null = null;
  /** Whether its body is a form that is read for its worker. */
  readonly #takesForm: boolean;
  #formReader: FormReader | null = null;
  /** The form that its worker has. */
  #form: Form | null = null;
  /** The content of an answer that comes in parts, and the worker's side of it. */
  #body: ResponseStream | null = null;
  #source: StreamControl | null = null;
  /** What the request says of a file as its answer; null where no files may be, and once one is. */
  #offer: OffloadOffer | null;
  #isOffloaded = false;

  constructor(exchange: Exchange, app: AppContext) {
    const isSafeMethod = isSafe(exchange);
    const isIdempotent = isSafeMethod || isRepeatable(exchange);
    const takesForm = isReadForm(exchange, app);
    const bodyIntake = takesForm ? "parts" : exchange.head.hasBody ? chooseIntake(app) : "whole";
    // A body that is still arriving takes as long as its client does: nobody's worker may be written such a call ahead.
    super({ frame: NO_FRAME, body: null, isIdempotent, isSafe: isSafeMethod && bodyIntake !== "parts" });
    this.#exchange = exchange;
    this.#app = app;
    this.bodyIntake = bodyIntake;
    this.#takesForm = takesForm;
    this.timeoutMs = app.timeoutMs;
    this.#offer = app.offload === null ? null : offerOf(exchange.head);
    if (exchange.trace !== null) exchange.trace.app = app.name;
  }

  onRequest(body: SpooledBody | null): void {
    const path = this.bodyIntake === "file" ? (body?.takeFile() ?? null) : null;
    if (path !== null) {
      this.#bodyPath = path;
      const isGiven = this.#giveAway((give) => {
        this.#bodyPath = give(path);
      });
      if (!isGiven) return;
      this.needs = "body_file";
      this.#submit(0, { kind: "file", path: this.#bodyPath });
      return;
    }
    this.body = body;
    this.#submit(body === null ? 0 : body.byteLength, null);
  }

  onRequestStream(body: RequestStream): void {
    if (this.#takesForm) {
      const { uploads: limits, log } = this.#app;
      const onForm = (form: Form): void => this.#submitForm(form);
      if (limits !== null) this.#formReader = readForm(this.#exchange, body, { limits, log, onForm });
      return;
    }
    this.source = body;
    this.needs = "request_stream";
    this.#submit(0, { kind: "stream" });
  }

  override onReleased(): void {
    if (this.#bodyPath !== null) removeFile(this.#bodyPath);
    this.#bodyPath = null;
    this.#form?.[Symbol.dispose]();
    this.#form = null;
  }

  onClientEnd(): "answer" | "soon" | "drop" {
    if (this.state === "queued") return "drop";
    // Of a client that left a stream without an end, this is all that can be seen until the next part is sent, which may be long.
    if (this.#body !== null) return this.#body.isBounded ? "answer" : "soon";
    // A worker that can be told stops then.
    return this.cancellable === null ? "answer" : "soon";
  }

  onAbandoned(): void {
    this.#time();
    this.#formReader?.cancel();
    this.#app.pool.abandon(this);
  }

  onResponse(response: WorkerResponse): void {
    this.#time();
    const error = response.event === null ? response.error : ANSWER_TO_AN_EVENT;
    if (error !== null) this.#exchange.refuse(500, { errorId: this.#report(error) });
    else if (!this.#offloads(response)) this.#exchange.respond(response);
  }

  override onInterim(interim: WorkerResponse): void {
    if (interim.error === null) this.#exchange.interim(interim);
    else this.#app.log.warn("early hints cannot be sent", { app: this.#app.name, error: interim.error });
  }

  override onHead(head: WorkerResponse, source: StreamControl): void {
    this.#time();
    const error = head.error ?? (head.status === 101 ? SWITCH_UNASKED : null);
    if (error !== null) {
      source.cancel();
      this.#exchange.refuse(500, { errorId: this.#report(error) });
      return;
    }
    if (this.#offloads(head)) {
      source.cancel();
      return;
    }
    this.#body = this.#exchange.begin(head, (byteCount) => source.grant(byteCount));
    // Nobody reads the content of an answer to HEAD.
    if (this.#body === null) source.cancel();
    else this.#source = source;
  }

  override onChunk({ error, bodyBytes, bodyStart, bodyEnd }: WorkerResponse): void {
    if (error === null && this.#body?.write(bodyBytes, bodyStart, bodyEnd) === true) return;
    this.#source?.cancel();
    this.#cut(
      error ?? "Cannot send on: the body is longer than its Content-Length, as many bytes as announced are allowed",
    );
  }

  override onBodyEnd(end: WorkerResponse): void {
    this.#time();
    if (end.error !== null) this.#cut(end.error);
    else if (this.#body?.end(workerTrailers(end, this.#app)) === false)
      this.#cut(
        "Cannot end the response: its body is shorter than its Content-Length, as many bytes as announced are allowed",
      );
  }

  onFailure(failure: CallFailure): void {
    this.#time();
    if (this.#isOffloaded) return;
    if (this.#body !== null) {
      this.#body.abort();
      return;
    }
    refuseFailed(this.#exchange, failure);
  }

  #submitForm(form: Form): void {
    this.#form = form;
    if (!this.#giveAway((give) => form.moveFiles(give))) return;
    this.needs = "uploads";
    this.#submit(0, { kind: "form", entries: encodeForm(form) });
  }

  /** Hands files to the user that the workers are; false when that cannot be, and the request is refused. */
  #giveAway(hand: (give: (path: string) => string) => void): boolean {
    const { bodyOwner, name, log } = this.#app;
    if (bodyOwner === null) return true;
    try {
      hand((path) => bodyOwner.give(path));
      return true;
    } catch (error) {
      log.error("body cannot be given to workers", { app: name, error: error as Error });
      this.onReleased();
      this.#exchange.refuse(500);
      return false;
    }
  }

  #submit(bodyBytes: number, bodyPlace: BodyPlace | null): void {
    const { pool } = this.#app;
    if (bodyPlace === null && pool.isKnownFor("short_request")) {
      this.needs = "short_request";
      this.frame = encodeShortly(this.#exchange, this.#app, bodyBytes);
    } else {
      this.frame = encodeExchange(this.#exchange, this.#app, bodyBytes, bodyPlace);
    }
    pool.submit(this);
  }

  /** Whether the answer names a file, which is sent without the worker then. */
  #offloads(response: WorkerResponse): boolean {
    if (this.#offer === null) return false;
    this.#isOffloaded = this.#app.offload?.take(this.#exchange, this.#offer, response) === true;
    this.#offer = null;
    return this.#isOffloaded;
  }

  /** Tells whoever keeps track how long it waited, and how long the worker has taken so far. */
  #time(): void {
    const { trace } = this.#exchange;
    if (trace === null || this.submittedMs === -1) return;
    const nowMs = this.#app.pool.turnStartMs();
    trace.queueMs = Math.max(0, (this.begunMs === -1 ? nowMs : this.begunMs) - this.submittedMs);
    trace.workMs = this.begunMs === -1 ? -1 : Math.max(0, nowMs - this.begunMs);
  }

  /** Cuts the answer that has begun: the log alone can say why. */
  #cut(error: string): void {
    this.#report(error);
    this.#body?.abort();
  }

  /** @returns the id under which the log has it. */
  #report(error: string): string {
    const errorId = crypto.randomUUID();
    this.#app.log.error("worker reported an error", { app: this.#app.name, errorId, error });
    return errorId;
  }
}

/** Whether a request has a form that the app wants read, and its workers can take like this. */
function isReadForm({ head }: Exchange, { uploads, pool }: AppContext): boolean {
  return uploads !== null && head.hasBody && announcesForm(head) && !pool.lacks("uploads");
}

/** What the app asks for, as far as its workers can. */
function chooseIntake({ streamsRequests, pool }: AppContext): BodyIntake {
  if (streamsRequests && pool.supports("request_stream")) return "parts";
  return pool.supports("body_file") ? "file" : "whole";
}

/** RFC 9110 §9.2.1. */
function isSafe({ head }: Exchange): boolean {
  return head.isMethod("GET") || head.isMethod("HEAD") || head.isMethod("OPTIONS") || head.isMethod("TRACE");
}

/** RFC 9110 §9.2.2, for methods that are not safe. */
function isRepeatable({ head }: Exchange): boolean {
  return head.isMethod("PUT") || head.isMethod("DELETE");
}
