import { Connection } from "../../src/kernel/connection.ts";
import type { MonitorEvent } from "../../src/kernel/monitor.ts";
import { TimerWheel } from "../../src/kernel/timer-wheel.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeTransport } from "./fake-transport.ts";
import { type Reactions, RecordingHandler } from "./recording-handler.ts";

/** The stall limit of the connections that `openConnection` makes. */
export const STALL_MS = 5_000;

/** The resolution of deadlines: they fire at most this late. */
export const TICK_MS = 8;

/** A connection and everything around it that a test looks at or turns. */
export interface ConnectionBench {
  readonly clock: FakeClock;
  readonly socket: FakeTransport;
  readonly connection: Connection;
  readonly handler: RecordingHandler;
  readonly observed: MonitorEvent[];
}

/** Opens a connection over a socket that does what a test tells it, on a clock that a test moves. */
export function openConnection(reactions: Reactions = {}): ConnectionBench {
  const clock = new FakeClock();
  const socket = new FakeTransport();
  const observed: MonitorEvent[] = [];
  const connection = new Connection(socket, {
    wheel: new TimerWheel(clock),
    monitor: (event) => observed.push(event),
    stallMs: STALL_MS,
  });
  socket.onClosed = () => connection.socketClosed(false);
  const handler = new RecordingHandler(connection, reactions);
  connection.start(() => handler);
  return { clock, socket, connection, handler, observed };
}

/** Makes `byteCount` bytes wait in a connection whose socket takes none. */
export function fillOutput({ socket, connection }: ConnectionBench, byteCount: number): void {
  socket.roomBytes = 0;
  connection.output().writeBytes(Buffer.alloc(byteCount));
  connection.flush();
}

/** Lets the turn end: what was written in it leaves. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
