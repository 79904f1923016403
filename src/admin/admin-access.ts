import { timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";

import type { RequestHead } from "../protocols/http/request-head.ts";

/** Who may ask the admin interface. */
export interface AdminAccess {
  /** `null` asks for none. */
  readonly token: string | null;
  /** True on a Unix socket that its owner alone can reach: then neither token nor host is looked at. */
  readonly isPrivate: boolean;
}

/** Why a request is not taken. */
export interface Denial {
  readonly status: 401 | 403;
  readonly reason: string;
}

/**
 * Whether a request may be made; `null` when it may. Without a token the browser of somebody on this machine must not be made to ask: neither
 * by a page of another site, nor by a name of another site that was made to point here (DNS rebinding).
 *
 * @param isPublic for what says nothing of the instance and does nothing to it: it needs no token.
 */
export function denialOf(head: RequestHead, { token, isPrivate }: AdminAccess, isPublic: boolean): Denial | null {
  if (isPrivate) return null;
  const { fields } = head;
  if (isOfForeignPage(head)) return { status: 403, reason: "requests of other web pages are not taken" };
  if (token === null) {
    if (isLocalName(head.authority)) return null;
    return { status: 403, reason: "the host has to be an IP address or localhost" };
  }
  if (isPublic || isToken(fields.get("authorization"), token)) return null;
  return { status: 401, reason: "a token is needed" };
}

/** A page of ours sends the origin that it came from (RFC 6454), which is the host it asks; following a link here is no page's request. */
function isOfForeignPage({ fields, authority }: RequestHead): boolean {
  const origin = fields.get("origin");
  if (origin !== null) return !(URL.canParse(origin) && new URL(origin).host === hostOf(authority));
  const site = fields.get("sec-fetch-site");
  return site !== null && site !== "same-origin" && site !== "none" && fields.get("sec-fetch-mode") !== "navigate";
}

/** As a URL has it: without a port that is the scheme's own. */
function hostOf(authority: string): string {
  return URL.canParse(`http://${authority}`) ? new URL(`http://${authority}`).host : "";
}

/** Compares in a time that says nothing of how much of it is right. */
function isToken(authorization: string | null, token: string): boolean {
  const given = Buffer.from(/^bearer (.+)$/i.exec(authorization ?? "")?.[1] ?? "");
  return timingSafeEqual(digest(given), digest(Buffer.from(token)));
}

function digest(bytes: Buffer): Uint8Array {
  return new Bun.CryptoHasher("sha256").update(bytes).digest();
}

function isLocalName(authority: string): boolean {
  const host = authority.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return host === "localhost" || isIP(host) !== 0;
}
