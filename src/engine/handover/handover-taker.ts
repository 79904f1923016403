import type { BoundSocket } from "../../kernel/bound-socket.ts";
import { InheritedSocket } from "../../kernel/inherited-socket.ts";
import { type ControlChannel, openControlChannel } from "../control-channel.ts";
import {
  type AdminAddress,
  HANDOVER_FD,
  HANDOVER_VARIABLE,
  type HandoverAnswer,
  type HandoverOffer,
  parseHandoverOffer,
} from "./handover-message.ts";
import { groupSockets, type OpenListeners } from "../listeners/open-listeners.ts";

/** What a master took over from the one before it, which serves until it hears of this one's success. */
export class Handover {
  readonly listeners: OpenListeners;
  /** The admin listener's socket, and where it was asked to be. */
  readonly admin: { readonly address: AdminAddress; readonly socket: BoundSocket } | null;
  /** Those whose files this master removes once it serves; before that they are the other one's. */
  readonly #owned: BoundSocket[] = [];
  readonly #channel: ControlChannel<HandoverOffer, HandoverAnswer>;

  constructor({ listeners, admin }: HandoverOffer, channel: ControlChannel<HandoverOffer, HandoverAnswer>) {
    const first = HANDOVER_FD + 1;
    this.listeners = groupSockets(
      listeners.map(({ address, isOurs }, index) => {
        const inherited = new InheritedSocket(first + index);
        const socket = inherited.toBoundSocket("host" in address ? address.host : "");
        if (isOurs) this.#owned.push(socket);
        return { address, socket };
      }),
    );
    const adminFd = first + listeners.length;
    this.admin =
      admin === null ? null : { address: admin, socket: new InheritedSocket(adminFd).toBoundSocket(admin.host) };
    this.#channel = channel;
  }

  /** Has the other master finish what it has, or, when this one has failed, go on. */
  answer(answer: HandoverAnswer): void {
    if (answer.kind === "serving") for (const socket of this.#owned) socket.own();
    this.#channel.send(answer);
  }
}

/**
 * Takes over from the master that has started this one; null when none has.
 *
 * @throws {ControlMessageError} when the channel says nothing that can be read.
 */
export async function takeHandover(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Handover | null> {
  if (environment[HANDOVER_VARIABLE] !== String(HANDOVER_FD)) return null;
  const offer = Promise.withResolvers<Handover>();
  let channel: ControlChannel<HandoverOffer, HandoverAnswer> | null = null;
  await openControlChannel<HandoverOffer, HandoverAnswer>({
    fd: HANDOVER_FD,
    parse: parseHandoverOffer,
    onOpen: (opened) => {
      channel = opened;
    },
    onMessage: (message) => offer.resolve(new Handover(message, channel!)),
    // Its death after the offer costs nothing: the sockets are here.
    onClose: (error) => offer.reject(error ?? new Error("the master that offered its sockets is gone")),
  });
  return offer.promise;
}
