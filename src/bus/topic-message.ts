/** What a message carries: text is UTF-8, whoever publishes it has checked. */
export type TopicMessageKind = "text" | "binary";

/** Whoever gets what is published to the topics it has subscribed to. */
export interface Subscriber {
  /** Messages of one topic, in the order in which they were published. `batch` is valid during the call. */
  deliver(batch: TopicBatch): void;
}

/** One published message; its bytes are its own. */
export interface TopicMessage {
  readonly kind: TopicMessageKind;
  readonly bytes: Buffer;
  /** The one that does not get it though it may have subscribed: usually who sent it. */
  readonly except: Subscriber | null;
}

/** Turns messages into what goes out to every subscriber of one sort: frames, packets. */
export type BatchEncoder<T> = (messages: readonly TopicMessage[]) => T;

/**
 * The messages that were published to one topic in one turn of the event loop. Never empty.
 *
 * Invariant: each encoder encodes them once, however many subscribers ask for it: that is what makes fan-out cheap.
 */
export class TopicBatch {
  readonly topic: string;
  readonly messages: readonly TopicMessage[];
  readonly #encoded = new Map<BatchEncoder<unknown>, unknown>();
  readonly #hasExceptions: boolean;

  constructor(topic: string, messages: readonly TopicMessage[]) {
    this.topic = topic;
    this.messages = messages;
    this.#hasExceptions = messages.some(({ except }) => except !== null);
  }

  /** What `encode` makes of the messages; the same function gets the same answer. */
  encodedBy<T>(encode: BatchEncoder<T>): T {
    if (!this.#encoded.has(encode)) this.#encoded.set(encode, encode(this.messages));
    return this.#encoded.get(encode) as T;
  }

  /** The part of the batch that `subscriber` gets: nearly always all of it; `null` for none. */
  for(subscriber: Subscriber): TopicBatch | null {
    if (!this.#hasExceptions || this.messages.every(({ except }) => except !== subscriber)) return this;
    const messages = this.messages.filter(({ except }) => except !== subscriber);
    return messages.length === 0 ? null : new TopicBatch(this.topic, messages);
  }
}
