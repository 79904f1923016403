import { normalize } from "node:path";

import { adminEnabled, adminHost, adminPort } from "../options/admin-options.ts";
import type { AnyOption, Option } from "../options/option.ts";
import { certificateFields, listenerFields as fields, listeners, trustedProxies } from "../options/listener-options.ts";
import { fieldOf } from "../options/option-list.ts";
import type { Origin } from "../origin.ts";
import { doOverlap, type ListenPlace } from "./listen-overlap.ts";
import type { ConfigProblem } from "../problem.ts";
import { type ListenerSettings, listenerSettings } from "../resolve/resolve-listeners.ts";
import { host, port } from "../options/server-options.ts";
import type { Settings } from "../settings.ts";

/** What the listeners have to be to themselves, to one another and to the short form. */
export function checkListeners(settings: Settings): readonly ConfigProblem[] {
  const items = listenerSettings(settings);
  const check = new ListenerCheck(settings);
  check.admin(items);
  if (items.length === 0) return check.problems;
  check.shortForm();
  for (const item of items) check.item(item);
  check.addresses(items);
  return check.problems;
}

class ListenerCheck {
  readonly problems: ConfigProblem[] = [];
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** An address that is asked for and not listened on is worse than a start that is refused. */
  shortForm(): void {
    for (const option of [host, port]) {
      if (this.#settings.origin(option.key).kind === "default") continue;
      this.#refuse(
        [option.key, listeners.key],
        `Cannot use ${option.key}: server.listeners is given too, one of the two is allowed`,
        "try: put the address into a listener of its own",
      );
    }
  }

  item(item: ListenerSettings): void {
    const { key } = item;
    const hasPort = item.value(fields.port) !== null;
    if (hasPort === (item.value(fields.path) !== null)) {
      const state = hasPort ? "it has a port and a path" : "it has neither port nor path";
      this.#refuse([this.#firstKey(item)], `Cannot use ${key}: ${state}, one of the two is allowed`);
    }
    if (item.value(fields.proxyProtocol) !== "off" && this.#settings.value(trustedProxies).length === 0) {
      this.#refuse(
        [`${key}.proxy_protocol`],
        `Cannot use ${key}.proxy_protocol: server.trusted_proxies is empty, a peer in it is allowed to send the header`,
        "try: name the load balancer's network in server.trusted_proxies",
      );
    }
    if (item.value(fields.protocols).includes("h3")) this.#http3(item);
    if (item.hasTls) this.#tls(item);
  }

  /** HTTP/3 comes over UDP and the runtime's QUIC: what belongs to a connection of TCP, or is not told of one of its, cannot be had. */
  #http3(item: ListenerSettings): void {
    const refuse = (state: string): void =>
      this.#refuse([`${item.key}.protocols`], `Cannot use ${item.key}.protocols: h3 ${state}`);
    if (item.value(fields.protocols).every((name) => name === "h3")) {
      refuse("stands alone, h1 or h2 beside it is needed: their responses tell clients of it");
    }
    if (!item.hasTls) refuse("is given without tls, it is spoken over TLS only");
    if (item.value(fields.path) !== null) refuse("is given with a Unix socket, a port is needed");
    if (item.value(fields.proxyProtocol) !== "off") refuse("is given with proxy_protocol, it has no such header");
    if (item.value(fields.clientCertificates) !== "off") {
      refuse("is given with tls.client_certificates, which it cannot verify: off is needed");
    }
  }

  #tls(item: ListenerSettings): void {
    const { key, certificateKeys } = item;
    if (certificateKeys.length === 0) {
      const state = "it has no certificates, at least one is allowed";
      this.#refuse(
        [this.#firstKey(item)],
        `Cannot use ${key}.tls: ${state}`,
        "try: certificates: [{ cert: …, key: … }]",
      );
    }
    for (const certificate of certificateKeys) {
      for (const field of [certificateFields.certificate, certificateFields.key]) this.#required(certificate, field);
    }
    if (item.value(fields.redirectHttps) !== "false") {
      const message = `Cannot use ${key}.redirect_https: the listener speaks TLS already, one in the clear is allowed`;
      this.#refuse([`${key}.redirect_https`], message);
    }
    const asksClients = item.value(fields.clientCertificates) !== "off";
    if (asksClients === (item.value(fields.clientAuthority) !== null)) return;
    const [given, missing] = asksClients ? ["client_certificates", "client_ca"] : ["client_ca", "client_certificates"];
    const message = `Cannot use ${key}.tls.${given}: ${missing} is not given, the two together are allowed`;
    this.#refuse([`${key}.tls.${given}`], message);
  }

  /** Two listeners on one address: the second could not be bound, and nobody would know for which of them requests are. */
  addresses(items: readonly ListenerSettings[]): void {
    for (const [index, item] of items.entries()) {
      const earlier = items.slice(0, index).find((each) => areOneAddress(each, item));
      if (earlier === undefined) continue;
      const [place, earlierPlace] = [addressOf(item), addressOf(earlier)];
      const others = place === earlierPlace ? `as ${earlier.key} does` : `and ${earlier.key} on ${earlierPlace}`;
      const message = `Cannot use ${item.key}: it listens on ${place} ${others}, an address of its own is allowed`;
      this.#refuse([this.#firstKey(earlier), this.#firstKey(item)], message);
    }
  }

  /** The default port of the admin listener gives way; one that was asked for must not be missing. */
  admin(items: readonly ListenerSettings[]): void {
    const value = <Value>(option: Option<Value>): Value => this.#settings.value(option);
    if (!value(adminEnabled) || this.#settings.origin(adminPort.key).kind === "default") return;
    const place = { host: value(adminHost), port: value(adminPort) };
    const served =
      items.length === 0
        ? [{ key: port.key, place: { host: value(host), port: value(port) } }]
        : items.map((item) => ({ key: this.#firstKey(item), place: placeOf(item) }));
    const taken = served.filter((each) => doOverlap(each.place, place));
    if (taken.length === 0) return;
    const message = `Cannot use admin.port: requests are served on port ${place.port}, a port of its own is allowed`;
    this.#refuse([adminPort.key, ...taken.map(({ key }) => key)], message);
  }

  #required(certificate: string, field: Option<string | null>): void {
    const option: AnyOption = fieldOf(certificate, field);
    if (this.#settings.value(option) !== null) return;
    const others = Object.values(certificateFields).map((each: Option<unknown>) => fieldOf(certificate, each).key);
    const message = `Cannot use ${certificate}: it has no ${field.key}, ${field.type.allowed} is allowed`;
    this.#refuse(others, message);
  }

  /** Where an item stands: the place of the first of its keys. */
  #firstKey({ key }: ListenerSettings): string {
    const keys = Object.values(fields).map((field: Option<unknown>) => `${key}.${field.key}`);
    return keys.find((each) => this.#settings.origin(each).kind !== "default") ?? listeners.key;
  }

  #refuse(keys: readonly string[], message: string, hint: string | null = null): void {
    const origins: Origin[] = keys.map((key) => this.#settings.origin(key)).filter(({ kind }) => kind !== "default");
    this.problems.push({ message, origins, hint });
  }
}

function areOneAddress(one: ListenerSettings, other: ListenerSettings): boolean {
  const [path, otherPath] = [one.value(fields.path), other.value(fields.path)];
  if (path !== null && otherPath !== null) return normalize(path) === normalize(otherPath);
  return doOverlap(placeOf(one), placeOf(other));
}

/** Port 0 for a Unix socket, which overlaps with nothing. */
function placeOf(item: ListenerSettings): ListenPlace {
  return { host: item.value(fields.host), port: item.value(fields.port) ?? 0 };
}

function addressOf(item: ListenerSettings): string {
  const host = item.value(fields.host);
  return item.value(fields.path) ?? `${host.includes(":") ? `[${host}]` : host}:${item.value(fields.port)}`;
}
