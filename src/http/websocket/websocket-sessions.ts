import { CLOSE_CODE } from "../../protocols/websocket/close-code.ts";
import type { WebSocketSession } from "./websocket-session.ts";

/** The open WebSockets of a front by id. Ids are never used again, so a late send to a socket that is gone reaches nobody. */
export class WebSocketSessions {
  readonly #byId = new Map<number, WebSocketSession>();
  #idLast = 0;
  #isLeaving = false;

  get count(): number {
    return this.#byId.size;
  }

  /** The sockets that are open or closing, oldest first. */
  get all(): Iterable<WebSocketSession> {
    return this.#byId.values();
  }

  /** `null` for a socket that is gone. */
  get(id: number): WebSocketSession | null {
    return this.#byId.get(id) ?? null;
  }

  /** True once the front leaves: who comes now is told so. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Closes every socket with 1001, and from now on each that is opened: clients connect again, elsewhere. */
  leave(): void {
    this.#isLeaving = true;
    for (const session of this.#byId.values()) session.close(CLOSE_CODE.goingAway);
  }

  /** @internal */
  nextId(): number {
    return ++this.#idLast;
  }

  /** @internal */
  add(session: WebSocketSession): void {
    this.#byId.set(session.id, session);
  }

  /** @internal */
  remove(session: WebSocketSession): void {
    this.#byId.delete(session.id);
  }
}
