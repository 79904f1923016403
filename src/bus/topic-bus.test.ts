import { describe, expect, spyOn, test } from "bun:test";
import { Subscriptions } from "./subscriptions.ts";
import { TopicBus } from "./topic-bus.ts";
import type { Subscriber, TopicBatch, TopicMessage } from "./topic-message.ts";

/** Notes what it gets as `topic: text, text`. */
class Listener implements Subscriber {
  readonly received: string[] = [];
  onDeliver: () => void = () => {};

  deliver(batch: TopicBatch): void {
    this.received.push(`${batch.topic}: ${batch.messages.map(({ bytes }) => bytes.toString()).join(", ")}`);
    this.onDeliver();
  }
}

function publish(bus: TopicBus, topic: string, text: string, except?: Subscriber): number {
  const bytes = Buffer.from(text);
  return bus.publish(topic, { kind: "text", bytes, start: 0, end: bytes.length, ...(except && { except }) });
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

describe("TopicBus", () => {
  test("delivers to all who have subscribed, and to nobody else", async () => {
    const bus = new TopicBus();
    const [a, b, c] = [new Listener(), new Listener(), new Listener()];
    bus.subscribe("news", a);
    bus.subscribe("news", b);
    bus.subscribe("News", c);
    expect(publish(bus, "news", "hello")).toBe(2);
    expect(a.received).toEqual([]);
    await nextTurn();
    expect([a.received, b.received, c.received]).toEqual([["news: hello"], ["news: hello"], []]);
  });

  test("delivers what one turn publishes to a topic at once and in order", async () => {
    const bus = new TopicBus();
    const listener = new Listener();
    bus.subscribe("a", listener);
    bus.subscribe("b", listener);
    for (const [topic, text] of [
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
    ] as const)
      publish(bus, topic, text);
    await nextTurn();
    publish(bus, "a", "4");
    await nextTurn();
    expect(listener.received).toEqual(["a: 1, 3", "b: 2", "a: 4"]);
  });

  test("copies what is published, and nothing when nobody has subscribed", async () => {
    const bus = new TopicBus();
    const listener = new Listener();
    bus.subscribe("a", listener);
    const bytes = Buffer.from("..before..");
    bus.publish("a", { kind: "text", bytes, start: 2, end: 8 });
    bytes.fill("x");
    expect(publish(bus, "b", "unheard")).toBe(0);
    await nextTurn();
    expect(listener.received).toEqual(["a: before"]);
  });

  test("keeps a message from the one it is not for", async () => {
    const bus = new TopicBus();
    const [a, b] = [new Listener(), new Listener()];
    for (const each of [a, b]) bus.subscribe("room", each);
    publish(bus, "room", "from a", a);
    publish(bus, "room", "from b", b);
    publish(bus, "room", "to all");
    await nextTurn();
    expect([a.received, b.received]).toEqual([["room: from b, to all"], ["room: from a, to all"]]);
    publish(bus, "room", "from a alone", a);
    await nextTurn();
    expect(a.received).toHaveLength(1);
  });

  test("has each encoder encode a batch once, whatever the number of subscribers", async () => {
    const bus = new TopicBus();
    let encodedCount = 0;
    const encode = (messages: readonly TopicMessage[]) => `${messages.length} messages, ${++encodedCount}. time`;
    const seen: string[] = [];
    for (let each = 0; each < 5; each++)
      bus.subscribe("a", { deliver: (batch) => void seen.push(batch.encodedBy(encode)) });
    publish(bus, "a", "1");
    publish(bus, "a", "2");
    await nextTurn();
    expect(seen).toEqual(Array.from({ length: 5 }, () => "2 messages, 1. time"));
  });

  test("does not deliver what was published before a subscription", async () => {
    const bus = new TopicBus();
    const [early, late] = [new Listener(), new Listener()];
    bus.subscribe("a", early);
    publish(bus, "a", "1");
    bus.subscribe("a", late);
    publish(bus, "a", "2");
    await nextTurn();
    expect([early.received, late.received]).toEqual([["a: 1", "a: 2"], ["a: 2"]]);
  });

  test("delivers on when a subscriber leaves, another leaves, or one throws", async () => {
    const bus = new TopicBus();
    const [a, b, c] = [new Listener(), new Listener(), new Listener()];
    for (const each of [a, b, c]) bus.subscribe("a", each);
    using reported = spyOn(globalThis, "reportError").mockImplementation(() => {});
    a.onDeliver = () => {
      bus.unsubscribe("a", a);
      bus.unsubscribe("a", b);
      throw new Error("broken");
    };
    publish(bus, "a", "1");
    await nextTurn();
    expect([a.received, b.received, c.received]).toEqual([["a: 1"], [], ["a: 1"]]);
    expect(reported).toHaveBeenCalledTimes(1);
  });

  test("delivers at once when asked, and only once", async () => {
    const bus = new TopicBus();
    const listener = new Listener();
    bus.subscribe("a", listener);
    publish(bus, "a", "1");
    expect(listener.received).toEqual([]);
    bus.deliverPending();
    expect(listener.received).toEqual(["a: 1"]);
    await nextTurn();
    expect(listener.received).toEqual(["a: 1"]);
  });

  test.each([
    ["messages", 1_024, 1],
    ["bytes", 2, 128 * 1024],
  ])("delivers early when many %s wait", (_unit, count, byteLength) => {
    const bus = new TopicBus();
    const sizes: number[] = [];
    bus.subscribe("a", { deliver: ({ messages }) => void sizes.push(messages.length) });
    for (let published = 1; published < count; published++) publish(bus, "a", "x".repeat(byteLength));
    expect(sizes).toEqual([]);
    publish(bus, "a", "x".repeat(byteLength));
    expect(sizes).toEqual([count]);
  });

  test("takes what a delivery publishes in the next turn", async () => {
    const bus = new TopicBus();
    const listener = new Listener();
    listener.onDeliver = () => listener.received.length < 3 && publish(bus, "a", "again");
    bus.subscribe("a", listener);
    publish(bus, "a", "1");
    await nextTurn();
    await nextTurn();
    await nextTurn();
    expect(listener.received).toEqual(["a: 1", "a: again", "a: again"]);
  });

  test("forgets a topic with its last subscriber", () => {
    const bus = new TopicBus();
    const listener = new Listener();
    bus.subscribe("a", listener);
    bus.subscribe("a", listener);
    expect([bus.topicCount, bus.subscriberCount("a")]).toEqual([1, 1]);
    bus.unsubscribe("b", listener);
    bus.unsubscribe("a", listener);
    expect([bus.topicCount, bus.subscriberCount("a")]).toEqual([0, 0]);
  });
});

describe("Subscriptions", () => {
  const limits = { topicCountMax: 2, topicBytesMax: 4 };

  test("hold to their limits, and leave every topic at the end", () => {
    const bus = new TopicBus();
    const subscriptions = new Subscriptions(bus, new Listener(), limits);
    expect(["a", "a", "éé", "c"].map((topic) => subscriptions.add(topic))).toEqual([
      "subscribed",
      "subscribed",
      "subscribed",
      "too-many-topics",
    ]);
    expect([...subscriptions.topics]).toEqual(["a", "éé"]);
    subscriptions.remove("a");
    subscriptions.remove("never");
    expect([subscriptions.add("c"), bus.topicCount]).toEqual(["subscribed", 2]);
    subscriptions.clear();
    expect(bus.topicCount).toBe(0);
  });

  test("refuse a name that is empty or too long", () => {
    const subscriptions = new Subscriptions(new TopicBus(), new Listener(), limits);
    expect(["", "12345", "ééx"].map((topic) => subscriptions.add(topic))).toEqual([
      "bad-topic",
      "bad-topic",
      "bad-topic",
    ]);
    expect(subscriptions.add("1234")).toBe("subscribed");
  });
});
