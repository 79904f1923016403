import type { AppReload } from "../../admin/reload-report.ts";
import type { ListenAddressConfig } from "../../config/server-config.ts";
import { ControlMessageError } from "../control-message.ts";

/** What the master that serves tells the one that shall follow it. */
export interface HandoverOffer {
  readonly kind: "offer";
  /** What the sockets that follow the channel listen on, in their order: those of one address are one listener. */
  readonly listeners: readonly OfferedListener[];
  /** The address of the admin listener, whose socket is the last one; null when there is none. */
  readonly admin: AdminAddress | null;
}

/** A listener that is handed over. */
export interface OfferedListener {
  readonly address: ListenAddressConfig;
  /** Whether the file of a Unix socket goes with it; a service manager keeps its own. */
  readonly isOurs: boolean;
}

/** Where an admin listener was asked to be. */
export interface AdminAddress {
  readonly host: string;
  readonly port: number;
}

/** What that one answers, once. */
export type HandoverAnswer =
  /** It accepts on the sockets, with workers that are ready: the other one may finish what it has. */
  | { readonly kind: "serving"; readonly version: string }
  /** It does not come to that, and exits. */
  | { readonly kind: "failed"; readonly reason: string; readonly apps: readonly AppReload[] };

/** The variable that tells a master that it follows another one: the descriptor of the channel to it. */
export const HANDOVER_VARIABLE = "VILYA_HANDOVER";

/** In the new master: the channel, then the sockets. */
export const HANDOVER_FD = 3;

/** @throws {ControlMessageError} */
export function parseHandoverOffer(line: string): HandoverOffer {
  return parse(line, ["offer"]) as unknown as HandoverOffer;
}

/** @throws {ControlMessageError} */
export function parseHandoverAnswer(line: string): HandoverAnswer {
  return parse(line, ["serving", "failed"]) as unknown as HandoverAnswer;
}

/** Two versions of Vilya meet here: fields are only ever added. */
function parse(line: string, kinds: readonly string[]): { readonly kind: string } {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    throw new ControlMessageError("Cannot read a handover message: it is not JSON");
  }
  if (message !== null && typeof message === "object" && "kind" in message && typeof message.kind === "string") {
    if (kinds.includes(message.kind)) return { ...message, kind: message.kind };
  }
  throw new ControlMessageError(`Cannot read a handover message: its kind is none of ${kinds.join(", ")}`);
}
