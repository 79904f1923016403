import { type Flushable, turn } from "../kernel/turn.ts";
import { type Subscriber, TopicBatch, type TopicMessage, type TopicMessageKind } from "./topic-message.ts";

/** What one topic collects within a turn before it is delivered early. One message may be larger. */
const BATCH_COUNT_MAX = 1_024;
const BATCH_BYTES_MAX = 256 * 1024;

/** What to publish; `bytes[start, end)` is copied before `publish` returns. */
export interface Publication {
  readonly kind: TopicMessageKind;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Does not get the message. Default: everybody does. */
  readonly except?: Subscriber;
}

interface Topic {
  readonly name: string;
  readonly subscribers: Set<Subscriber>;
  /** Published in this turn and not delivered yet. */
  pending: TopicMessage[];
  pendingBytes: number;
}

/**
 * Carries messages from whoever publishes to a topic to all who have subscribed to it, whatever protocols the two speak. Topics are told
 * apart by exact name, and exist while somebody subscribes.
 *
 * Messages leave at the end of the turn in which they were published, or when 256 KiB or 1,024 of them wait: many cost a subscriber one
 * write. Invariant: per subscriber
 * and topic they arrive in the order in which they were published, each at most once; nothing is kept for who subscribes later.
 */
export class TopicBus implements Flushable {
  readonly #topics = new Map<string, Topic>();
  #pending: Topic[] = [];
  #isFlushQueued = false;

  /** Topics that somebody has subscribed to. */
  get topicCount(): number {
    return this.#topics.size;
  }

  subscriberCount(topicName: string): number {
    return this.#topics.get(topicName)?.subscribers.size ?? 0;
  }

  /** Subscribing twice is the same as once. Limits are those of `Subscriptions`, which subscribers go through. */
  subscribe(topicName: string, subscriber: Subscriber): void {
    let topic = this.#topics.get(topicName);
    if (topic === undefined) {
      topic = { name: topicName, subscribers: new Set(), pending: [], pendingBytes: 0 };
      this.#topics.set(topicName, topic);
    }
    // What was published before is not for whoever comes now.
    if (topic.pending.length > 0) this.deliverPending();
    topic.subscribers.add(subscriber);
  }

  unsubscribe(topicName: string, subscriber: Subscriber): void {
    const topic = this.#topics.get(topicName);
    if (topic === undefined) return;
    topic.subscribers.delete(subscriber);
    if (topic.subscribers.size === 0) this.#topics.delete(topicName);
  }

  /** Publishes to all who have subscribed by now; returns how many those are. Without any, nothing is copied or kept. */
  publish(topicName: string, { kind, bytes, start, end, except }: Publication): number {
    const topic = this.#topics.get(topicName);
    if (topic === undefined) return 0;
    if (topic.pending.length === 0) this.#pending.push(topic);
    topic.pending.push({ kind, bytes: Buffer.from(bytes.subarray(start, end)), except: except ?? null });
    topic.pendingBytes += end - start;
    if (!this.#isFlushQueued) {
      this.#isFlushQueued = true;
      turn.flushAtEnd(this);
    }
    const { size } = topic.subscribers;
    if (topic.pending.length >= BATCH_COUNT_MAX || topic.pendingBytes >= BATCH_BYTES_MAX) this.deliverPending();
    return size;
  }

  /** Delivers now what was published. For who writes to a subscriber by other ways and wants that to come after. */
  deliverPending(): void {
    if (this.#pending.length === 0) return;
    const topics = this.#pending;
    this.#pending = [];
    for (const topic of topics) {
      const batch = new TopicBatch(topic.name, topic.pending);
      topic.pending = [];
      topic.pendingBytes = 0;
      // A subscriber may leave meanwhile, itself or another.
      for (const subscriber of topic.subscribers) deliver(batch, subscriber);
    }
  }

  /** @internal The end of the turn. */
  flush(): void {
    this.#isFlushQueued = false;
    this.deliverPending();
  }
}

/** One that is broken does not keep the message from the others. */
function deliver(batch: TopicBatch, subscriber: Subscriber): void {
  try {
    const part = batch.for(subscriber);
    if (part !== null) subscriber.deliver(part);
  } catch (error) {
    reportError(error);
  }
}
