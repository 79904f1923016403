import { afterEach, describe, expect, test } from "bun:test";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { join } from "node:path";
import { TemporaryDirectory } from "../../../test/support/temporary-directory.ts";
import { until } from "../../../test/support/until.ts";
import type { Connection } from "../../kernel/connection.ts";
import { Listener } from "../../kernel/listener.ts";
import { unobserved } from "../../kernel/monitor.ts";
import { TimerWheel } from "../../kernel/timer-wheel.ts";
import type { SocketAction } from "../../protocols/worker/socket-action.ts";
import { FrontRelay } from "./front-relay.ts";
import { RELAY_WAITING_BYTES_MAX } from "./relay-link.ts";

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

/** A front's relay, and what it has heard. */
class Peer {
  readonly directory: string;
  readonly socketPrefix: string;
  readonly heard: string[] = [];
  readonly log = new RecordingLog();
  relay: FrontRelay;

  constructor(socketPrefix: string) {
    const directory = new TemporaryDirectory();
    this.directory = directory.path;
    this.socketPrefix = socketPrefix;
    this.relay = this.open();
    ended.push(() => {
      this.relay.close();
      directory[Symbol.dispose]();
    });
  }

  open(): FrontRelay {
    const onRelayed = (app: string, { actions }: { readonly actions: readonly SocketAction[] }): void => {
      for (const action of actions) this.heard.push(`${app} ${describeAction(action)}`);
    };
    const wheel = new TimerWheel();
    this.relay = new FrontRelay({
      directory: this.directory,
      frameBytesMax: 10_000_000,
      sink: { onRelayed },
      wheel,
      log: this.log,
    });
    return this.relay;
  }
}

function describeAction(action: SocketAction): string {
  if (!("bytes" in action)) return `${action.kind} ${action.socket}`;
  const { kind, bytes, start, end } = action;
  return `${kind} ${kind === "send" ? action.socket : action.topic} ${bytes.toString("utf8", start, end)}`;
}

function publication(text: string): SocketAction {
  const bytes = Buffer.from(text);
  return { kind: "publish", topic: "news", except: null, isBinary: false, bytes, start: 0, end: bytes.length };
}

describe("FrontRelay", () => {
  test("hands publications to every other front, and the rest to the front whose socket it is about", async () => {
    const [one, two, three] = [new Peer("00000001-"), new Peer("00000002-"), new Peer("00000003-")];
    one.relay.setPeers([two, three]);
    const bytes = Buffer.from("hello");
    one.relay.relay("shop", publication("first"));
    one.relay.relay("shop", { kind: "send", socket: "00000002-7", isBinary: false, bytes, start: 0, end: 5 });
    one.relay.relay("shop", { kind: "close", socket: "00000003-9", code: 1000, reason: "" });
    one.relay.relay("shop", { kind: "subscribe", socket: "0000000f-9", topic: "news" });
    one.relay.relay("shop", publication("second"));
    await until("what is relayed", () => two.heard.length === 3 && three.heard.length === 3);
    expect(two.heard).toEqual(["shop publish news first", "shop send 00000002-7 hello", "shop publish news second"]);
    expect(three.heard).toEqual(["shop publish news first", "shop close 00000003-9", "shop publish news second"]);
    expect(one.relay.counts).toEqual({ relayedCount: 6, droppedCount: 0 });
    expect(one.heard).toEqual([]);
  });

  test("keeps for a front that is about to listen what was relayed meanwhile", async () => {
    const [one, two] = [new Peer("00000001-"), new Peer("00000002-")];
    two.relay.close();
    one.relay.setPeers([two]);
    one.relay.relay("shop", publication("early"));
    two.open();
    await until("what is relayed", () => two.heard.length === 1);
  });

  test("relays nothing to a front that is gone, and counts on", async () => {
    const [one, two] = [new Peer("00000001-"), new Peer("00000002-")];
    one.relay.setPeers([two]);
    one.relay.relay("shop", publication("first"));
    await until("what is relayed", () => two.heard.length === 1);
    one.relay.setPeers([]);
    one.relay.relay("shop", publication("second"));
    one.relay.setPeers([two]);
    one.relay.relay("shop", publication("third"));
    await until("what is relayed", () => two.heard.length === 2);
    expect(two.heard).toEqual(["shop publish news first", "shop publish news third"]);
    expect(one.relay.counts).toEqual({ relayedCount: 2, droppedCount: 0 });
  });

  test("drops what a front that takes nothing has no room for, says so once, and goes on when it takes again", async () => {
    const one = new Peer("00000001-");
    using directory = new TemporaryDirectory();
    const taken: Connection[] = [];
    const hanging = new Listener({
      address: { path: directory.at("relay.sock") },
      wheel: new TimerWheel(),
      monitor: unobserved,
      stallMs: 0,
      connectionCountMax: 1,
      accept: (connection) => {
        connection.pause();
        taken.push(connection);
        return { onBytes() {}, onEnd() {}, onDrain() {}, onDeadline() {}, onClose() {} };
      },
    });
    ended.push(() => {
      hanging.stop();
      for (const connection of taken) connection.close();
    });
    one.relay.setPeers([{ directory: directory.path, socketPrefix: "00000002-" }]);
    const text = "x".repeat(1_000_000);
    const count = Math.ceil(RELAY_WAITING_BYTES_MAX / text.length);
    for (let each = 0; each < count + 5; each++) one.relay.relay("shop", publication(text));
    expect(one.relay.counts).toEqual({ relayedCount: count, droppedCount: 5 });
    expect(one.log.events.map(({ event }) => event)).toEqual(["messages for another front dropped: it takes none"]);
    await until("a connection", () => taken.length === 1);
    taken[0]!.resume();
    await until("room", () => {
      one.relay.relay("shop", publication("y"));
      return one.relay.counts.relayedCount > count;
    });
  });

  test("ends a connection that says what no front says, and takes the next", async () => {
    const [one, two] = [new Peer("00000001-"), new Peer("00000002-")];
    const path = join(two.directory, "relay.sock");
    const stranger = await Bun.connect({ unix: path, socket: { data() {} } });
    stranger.write("\0\0\0\u0001\u0001");
    one.relay.setPeers([two]);
    one.relay.relay("shop", publication("first"));
    await until("what is relayed", () => two.heard.length === 1);
    await until("the end of the stranger", () => stranger.readyState <= 0);
  });
});
