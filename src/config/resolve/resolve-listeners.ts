import { resolve } from "node:path";

import type { HttpProtocolName, ListenAddressConfig, ListenerConfig, TlsConfig } from "../server-config.ts";
import { certificateFields, listenerFields as fields, listeners } from "../options/listener-options.ts";
import type { Option } from "../options/option.ts";
import { fieldOf, itemKeys } from "../options/option-list.ts";
import { enableHttp2, host, port } from "../options/server-options.ts";
import type { Settings } from "../settings.ts";

/** The port of `https` where no URL names one. */
const HTTPS_PORT = 443;

/** One item of `server.listeners` as it is read: what is not given is at its default. */
export class ListenerSettings {
  /** `server.listeners[0]`, for messages. */
  readonly key: string;
  readonly #settings: Settings;

  constructor(settings: Settings, key: string) {
    this.#settings = settings;
    this.key = key;
  }

  value<Value>(field: Option<Value>): Value {
    return this.#settings.value(fieldOf(this.key, field));
  }

  /** The items of `tls.certificates` by their keys. */
  get certificateKeys(): readonly string[] {
    return itemKeys(this.#settings, fieldOf(this.key, fields.certificates));
  }

  /** Whether anything under `tls` is given: such a listener never speaks in the clear, however incomplete it is. */
  get hasTls(): boolean {
    const { certificates, clientAuthority, clientCertificates, versionMin, ciphers } = fields;
    return [certificates, clientAuthority, clientCertificates, versionMin, ciphers].some(
      (field) => this.#settings.origin(fieldOf(this.key, field).key).kind !== "default",
    );
  }
}

/** The items of `server.listeners`. */
export function listenerSettings(settings: Settings): readonly ListenerSettings[] {
  return itemKeys(settings, listeners).map((key) => new ListenerSettings(settings, key));
}

/** The listeners of settings that passed every check: the list, or the one of the short form. */
export function resolveListeners(settings: Settings, cwd: string): readonly ListenerConfig[] {
  const items = listenerSettings(settings);
  if (items.length === 0) {
    const address = { host: settings.value(host), port: settings.value(port) };
    return [{ address, protocols: usualProtocols(settings), proxyProtocol: "off", redirectHttpsPort: null, tls: null }];
  }
  const httpsPort = items.find((item) => item.hasTls)?.value(fields.port) ?? HTTPS_PORT;
  return items.map((item) => {
    const redirect = item.value(fields.redirectHttps);
    return {
      address: resolveAddress(item, cwd),
      protocols: protocolsOf(item, settings),
      proxyProtocol: item.value(fields.proxyProtocol),
      redirectHttpsPort: redirect === "false" ? null : redirect === "true" ? httpsPort : redirect,
      tls: item.hasTls ? resolveTls(item, settings, cwd) : null,
    };
  });
}

/** What a listener speaks: what it is told to, or what all of them do. */
function protocolsOf(item: ListenerSettings, settings: Settings): readonly HttpProtocolName[] {
  const given = item.value(fields.protocols);
  return given.length > 0 ? [...new Set(given)] : usualProtocols(settings);
}

function usualProtocols(settings: Settings): readonly HttpProtocolName[] {
  return settings.value(enableHttp2) ? ["h1", "h2"] : ["h1"];
}

function resolveAddress(item: ListenerSettings, cwd: string): ListenAddressConfig {
  const path = item.value(fields.path);
  if (path !== null) return { path: resolve(cwd, path), mode: item.value(fields.mode) };
  return { host: item.value(fields.host), port: item.value(fields.port) ?? 0 };
}

function resolveTls(item: ListenerSettings, settings: Settings, cwd: string): TlsConfig {
  const clientAuthority = item.value(fields.clientAuthority);
  return {
    certificates: item.certificateKeys.map((key) => {
      const file = (field: Option<string | null>) => resolve(cwd, settings.value(fieldOf(key, field)) ?? "");
      const { certificate, key: keyField, hosts } = certificateFields;
      return {
        certificateFile: file(certificate),
        keyFile: file(keyField),
        hosts: [...settings.value(fieldOf(key, hosts))],
      };
    }),
    versionMin: `TLSv${item.value(fields.versionMin)}`,
    ciphers: item.value(fields.ciphers),
    clientCertificates: item.value(fields.clientCertificates),
    clientAuthorityFile: clientAuthority === null ? null : resolve(cwd, clientAuthority),
  };
}
