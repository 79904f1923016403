import { parseAddress } from "../../base/ip-networks.ts";
import type { RateLimitConfig } from "../../config/route-policy-config.ts";
import { editAnswer } from "./answer-fields.ts";
import { settingFields } from "./field-edits.ts";
import { ImmediateHandler } from "../immediate-handler.ts";
import type { Policy } from "./policy.ts";
import { TokenBuckets } from "./token-buckets.ts";

/** Answers 429 to clients that ask more often than they may (RFC 6585 §4). */
export function rateLimit(config: RateLimitConfig, nowMs: () => number = () => performance.now()): Policy {
  const buckets = new TokenBuckets(config);
  const limit = String(config.burstCount);
  return (exchange, match, next) => {
    const { isAllowed, remainingCount, fullInMs, retryInMs } = buckets.take(clientOf(exchange.remoteAddress), nowMs());
    const edits = settingFields([
      ["RateLimit-Limit", limit],
      ["RateLimit-Remaining", String(remainingCount)],
      ["RateLimit-Reset", String(Math.ceil(fullInMs / 1_000))],
    ]);
    editAnswer(exchange, edits);
    if (isAllowed) return next(exchange, match);
    const retryAfterS = Math.max(1, Math.ceil(retryInMs / 1_000));
    return new ImmediateHandler(exchange, () => exchange.refuse(429, { retryAfterS }));
  };
}

const HOST_BITS = 64n;
const IPV4_PREFIX = 0xffffn;

/** Whom a limit is for: an IPv4 address, or the network of an IPv6 address, of which a client has as many as it likes. */
export function clientOf(remoteAddress: Buffer): string {
  const text = remoteAddress.toString("latin1");
  const address = text.slice(0, text.lastIndexOf(":")).replace(/^\[(.*)\]$/, "$1");
  if (!address.includes(":")) return address;
  const bits = parseAddress(address.split("%", 1)[0] ?? address);
  if (bits === null) return address;
  return bits >> 32n === IPV4_PREFIX ? `4:${bits & 0xffffffffn}` : `6:${bits >> HOST_BITS}`;
}
