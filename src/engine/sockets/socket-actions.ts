import type { TopicBus } from "../../bus/topic-bus.ts";
import type { WebSocketSession } from "../../http/websocket/websocket-session.ts";
import type { SocketAction } from "../../protocols/worker/socket-action.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** What actions are run on. */
export interface ActionScope {
  readonly bus: TopicBus;
  /** The open socket of that name, of this app's; `null` for one that is gone. */
  readonly find: (name: string) => WebSocketSession | null;
  /** Told of what is published to a topic of the engine's own; valid during the call. */
  readonly onEngineTopic: (topic: string, bytes: Buffer) => void;
  /** Told of what other fronts have to do: of every publication, and of what is for a socket that is none of this front's. */
  readonly onForOthers: (action: SocketAction) => void;
  readonly log: Logger;
}

/** Topics that begin with it are the engine's (docs/reference/wire.md, W2.80). */
const ENGINE_TOPIC_MARK = "$";

/**
 * Does what a worker has asked for, in order. What is addressed to a socket that is gone everywhere reaches nobody: whoever spoke could not know.
 *
 * @param own the socket whose event is answered; `null` where there is none, or it is gone.
 */
export function runActions(
  actions: readonly SocketAction[],
  own: WebSocketSession | null,
  { bus, find, onEngineTopic, onForOthers, log }: ActionScope,
): void {
  for (const action of actions) {
    const target = action.kind === "publish" ? null : action.socket === null ? own : find(action.socket);
    if (target === null && action.kind !== "publish" && action.socket !== null) {
      onForOthers(action);
      continue;
    }
    switch (action.kind) {
      case "send":
        target?.send(action.isBinary ? "binary" : "text", action.bytes, action.start, action.end);
        break;
      case "publish": {
        const { topic, isBinary, bytes, start, end, except } = action;
        if (topic.startsWith(ENGINE_TOPIC_MARK)) {
          onEngineTopic(topic, bytes.subarray(start, end));
          break;
        }
        const publication = { kind: isBinary ? "binary" : "text", bytes, start, end } as const;
        const left = except === null ? null : find(except);
        bus.publish(topic, left === null ? publication : { ...publication, except: left });
        onForOthers(action);
        break;
      }
      case "subscribe": {
        const result = target?.subscribe(action.topic);
        if (result === "bad-topic" || result === "too-many-topics")
          log.warn("websocket not subscribed", { reason: result, topicBytes: Buffer.byteLength(action.topic) });
        break;
      }
      case "unsubscribe":
        target?.unsubscribe(action.topic);
        break;
      case "close":
        target?.close(action.code, action.reason);
        break;
      default:
        action satisfies never;
    }
  }
}
