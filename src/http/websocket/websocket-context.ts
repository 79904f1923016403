import type { TopicBus } from "../../bus/topic-bus.ts";
import type { WebSocketConfig } from "../../config/server-config.ts";
import type { TimerWheel } from "../../kernel/timer-wheel.ts";
import type { MessageDecoderOptions } from "../../protocols/websocket/message-decoder.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { WebSocketCounters } from "./websocket-counters.ts";
import type { WebSocketFrames } from "./websocket-frames.ts";
import type { WebSocketSessions } from "./websocket-sessions.ts";

/** What all WebSockets of a front share. */
export interface WebSocketContext {
  readonly config: WebSocketConfig;
  /** How messages of sockets without compression are decoded; one object for all of them. */
  readonly decoding: MessageDecoderOptions;
  readonly frames: WebSocketFrames;
  readonly sessions: WebSocketSessions;
  readonly bus: TopicBus;
  readonly wheel: TimerWheel;
  readonly counters: WebSocketCounters;
  readonly log: Logger;
}
