import type { MaintenanceConfig } from "../../config/route-policy-config.ts";
import { TrustedProxies } from "../../http/proxies/trusted-proxies.ts";
import { ImmediateHandler } from "../immediate-handler.ts";
import type { Policy } from "./policy.ts";

/** Answers 503 to everybody but those at the addresses that may look on. */
export function maintenance({ retryAfterS, allowed }: MaintenanceConfig): Policy {
  const guests = new TrustedProxies(allowed);
  return (exchange, match, next) => {
    if (!guests.isEmpty && guests.hasPeer(exchange.remoteAddress.toString("latin1"))) return next(exchange, match);
    return new ImmediateHandler(exchange, () => exchange.refuse(503, { retryAfterS }));
  };
}
