import type { TopicBus } from "./topic-bus.ts";
import type { Subscriber } from "./topic-message.ts";

/** What one subscriber may take of a bus. */
export interface SubscriptionLimits {
  readonly topicCountMax: number;
  /** Of one topic's name in UTF-8. */
  readonly topicBytesMax: number;
}

/** How subscribing went. */
export type SubscribeResult = "subscribed" | "too-many-topics" | "bad-topic";

/** The topics of one subscriber, bounded, so that it can leave them all when it goes. */
export class Subscriptions {
  readonly #bus: TopicBus;
  readonly #subscriber: Subscriber;
  readonly #limits: SubscriptionLimits;
  readonly #topics = new Set<string>();

  constructor(bus: TopicBus, subscriber: Subscriber, limits: SubscriptionLimits) {
    this.#bus = bus;
    this.#subscriber = subscriber;
    this.#limits = limits;
  }

  get topics(): ReadonlySet<string> {
    return this.#topics;
  }

  /** Subscribing twice is the same as once. A name is not empty and not longer than its limit. */
  add(topicName: string): SubscribeResult {
    const { topicCountMax, topicBytesMax } = this.#limits;
    if (topicName === "" || Buffer.byteLength(topicName) > topicBytesMax) return "bad-topic";
    if (this.#topics.has(topicName)) return "subscribed";
    if (this.#topics.size >= topicCountMax) return "too-many-topics";
    this.#topics.add(topicName);
    this.#bus.subscribe(topicName, this.#subscriber);
    return "subscribed";
  }

  remove(topicName: string): void {
    if (this.#topics.delete(topicName)) this.#bus.unsubscribe(topicName, this.#subscriber);
  }

  clear(): void {
    for (const topicName of this.#topics) this.#bus.unsubscribe(topicName, this.#subscriber);
    this.#topics.clear();
  }
}
