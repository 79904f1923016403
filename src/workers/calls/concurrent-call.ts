import { Deadline, type DeadlineOwner } from "../../kernel/timer-wheel.ts";
import type { Call, Cancellable } from "./call.ts";
import { CallStream } from "./call-stream.ts";
import type { CallHost } from "./worker-calls.ts";
import type { CallContext } from "../worker-context.ts";

/**
 * One call that a worker runs beside others: its deadline, its stream, and how it is called off. docs/reference/wire.md, W2.23.
 *
 * Invariant: once it was called off its owner hears no more, and its worker owes an answer by a deadline all the same.
 */
export class ConcurrentCall implements Cancellable, DeadlineOwner {
  readonly call: Call;
  readonly id: number;
  /** How many bytes had been written to the worker when the last one of this request was; `Infinity` until then. */
  endsAtBytes: number = Infinity;
  /** True once a part of its answer is here. */
  isAnswering = false;
  readonly #host: CallHost;
  readonly #context: CallContext;
  readonly #deadline: Deadline;
  #stream: CallStream | null = null;
  #isCancelled = false;
  #isOverdue = false;

  constructor(call: Call, id: number, host: CallHost, context: CallContext) {
    this.call = call;
    this.id = id;
    this.#host = host;
    this.#context = context;
    this.#deadline = new Deadline(this);
    this.#setDeadline();
  }

  /** Its response in parts; `null` while there is none. */
  get stream(): CallStream | null {
    return this.#stream;
  }

  /** Begins its response in parts, which is cancelled at once when nobody waits for it. */
  open(): CallStream {
    const { config } = this.#context;
    const stream = new CallStream({
      call: this.call,
      id: this.id,
      link: this.#host.link,
      windowBytes: config.streamCreditBytes,
      onChange: () => this.onStreamChange(),
    });
    this.#stream = stream;
    if (this.call.state === "running") stream.open();
    else stream.cancel();
    return stream;
  }

  cancel(): void {
    this.call.state = "ended";
    if (this.#stream !== null) this.#stream.cancel();
    else if (!this.#isCancelled) {
      this.#isCancelled = true;
      if (!this.#deadline.isSet) this.#setDeadline();
      this.#host.link.sendCancel(this.id);
    }
  }

  /** The worker has its time for what is its own to do: while its client sends the body, and may, it has no deadline. */
  onUploadTurn(): void {
    if (this.#stream !== null || this.#isCancelled || !this.#host.isServing) return;
    if (this.#host.link.uploads.awaitsClient(this.id)) this.#context.wheel.clear(this.#deadline);
    else this.#setDeadline();
  }

  /** Moves the deadline: none cuts a response that goes on, unless the worker may send and does not, or does not heed a cancel. */
  onStreamChange(): void {
    const { wheel, config } = this.#context;
    const stream = this.#stream;
    if (stream === null || this.#isOverdue || !this.#host.isServing) return;
    if (stream.isCancelled) this.#setDeadline();
    else if (config.streamIdleTimeoutMs > 0 && stream.maySend) wheel.set(this.#deadline, config.streamIdleTimeoutMs);
    else wheel.clear(this.#deadline);
  }

  /** It is answered, or lost with its worker. */
  release(): void {
    this.#context.wheel.remove(this.#deadline);
    this.#stream?.end();
    this.call.cancellable = null;
  }

  /** @internal Its answer is late, or its worker does not heed a cancel. */
  onDeadline(): void {
    const { ender, wheel, config } = this.#context;
    if (!this.#host.isServing) return;
    if (this.#isOverdue || this.#stream?.isCancelled === true) {
      this.#host.giveUp();
      return;
    }
    this.#isOverdue = this.#stream === null;
    if (this.call.state === "running") ender.fail(this.call, { kind: "timeout" });
    this.cancel();
    if (this.#isOverdue) wheel.set(this.#deadline, config.cancelGraceMs);
  }

  #setDeadline(): void {
    this.#context.wheel.set(this.#deadline, this.call.timeoutMs ?? this.#context.config.requestTimeoutMs);
  }
}
