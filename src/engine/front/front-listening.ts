import { closeSync } from "node:fs";
import { copyDescriptor } from "../../kernel/bound-socket.ts";
import type { FurtherSocket } from "../../kernel/listener.ts";
import type { FrontPlace } from "../master/front-slice.ts";
import type { ServingListener } from "../listeners/listener-pair.ts";

/** What a front listens with. */
export interface FrontListeningOptions {
  /** Listening sockets inherited from the master, in the order of the configuration's listeners; of a port one for each front. */
  readonly listenFds: readonly (readonly number[])[];
  readonly place: FrontPlace;
  /** Makes the listener of this number on a descriptor that belongs to it. */
  readonly create: (index: number, fd: number) => ServingListener;
}

/** One listener, and the sockets it accepts on by their numbers. The one that it was made with is among them for good. */
interface Accepting {
  readonly listener: ServingListener;
  readonly sockets: Map<number, FurtherSocket | null>;
}

/**
 * The listeners of a front, each of which accepts on the front's own socket, and stands in on the sockets of others for as long as the master
 * says so: what waits there would wait for a front that is dead or hangs.
 */
export class FrontListening {
  readonly #options: FrontListeningOptions;
  #accepting: readonly Accepting[] = [];
  #isClosed = false;

  constructor(options: FrontListeningOptions) {
    this.#options = options;
  }

  /** In the order of the configuration; none before the first `acceptFor`. */
  get listeners(): readonly ServingListener[] {
    return this.#accepting.map(({ listener }) => listener);
  }

  /** Accepts for the fronts with these indexes, its own always among them, and for no others. Does nothing once it is closed. */
  acceptFor(frontIndexes: readonly number[]): void {
    if (this.#isClosed) return;
    const { listenFds, place, create } = this.#options;
    if (this.#accepting.length === 0) {
      this.#accepting = listenFds.map((fds, index) => {
        const own = this.#ownOf(fds);
        return { listener: create(index, fds[own]!), sockets: new Map([[own, null]]) };
      });
    }
    for (const [index, accepting] of this.#accepting.entries()) {
      this.#adjust(accepting, listenFds[index]!, new Set(frontIndexes).add(place.index));
    }
  }

  /** Closes what no listener has: with a socket left open that nobody accepts on, clients would queue there for nobody. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const isListening = this.#accepting.length > 0;
    for (const fds of this.#options.listenFds) {
      const spare = isListening ? fds.toSpliced(this.#ownOf(fds), 1) : fds;
      for (const fd of spare) closeSync(fd);
    }
  }

  /** Which of a listener's sockets the front accepts on by itself: it belongs to the listener. */
  #ownOf({ length }: readonly number[]): number {
    return this.#options.place.index % length;
  }

  #adjust({ listener, sockets }: Accepting, fds: readonly number[], frontIndexes: ReadonlySet<number>): void {
    const wanted = new Set(
      [...frontIndexes].flatMap((index) => socketsOf(index, fds.length, this.#options.place.count)),
    );
    for (const index of wanted) {
      if (!sockets.has(index)) sockets.set(index, listener.acceptAlsoOn(copyDescriptor(fds[index]!)));
    }
    for (const [index, further] of sockets) {
      if (further === null || wanted.has(index)) continue;
      further.stop();
      sockets.delete(index);
    }
  }
}

/** A front's sockets of a listener: usually one; more where there were more fronts once, and one that others have, too, where there is no other. */
function socketsOf(frontIndex: number, socketCount: number, frontCount: number): readonly number[] {
  if (frontIndex >= socketCount) return [frontIndex % socketCount];
  return Array.from({ length: socketCount }, (_, index) => index).filter((index) => index % frontCount === frontIndex);
}
