import type { Action, Message, UpgradeOptions } from "./context.ts";
import { contextOf } from "./incoming-request.ts";
import type { RemoteAddress } from "./remote-address.ts";

/**
 * What an app of a framework that would start a server of its own finds where that server would be: the members of Bun's which are about a request or a
 * topic.
 */
export class AppServer {
  #act: ((action: Action) => void) | null = null;

  /** Has it act by `act` from now on; before, nothing happens. */
  connect(act: (action: Action) => void): void {
    this.#act = act;
  }

  /** As `upgrade` of the request's context; false for what is no request of the engine. */
  upgrade(request: Request, options?: UpgradeOptions): boolean {
    return contextOf(request)?.upgrade(request, options) ?? false;
  }

  requestIP(request: Request): RemoteAddress | null {
    return contextOf(request)?.requestIP(request) ?? null;
  }

  /** Connections are the engine's, and so are their times. */
  timeout(): void {}

  publish(topic: string, data: Message): void {
    this.#act?.({ do: "publish", topic, data });
  }
}
