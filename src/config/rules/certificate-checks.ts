import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { resolve } from "node:path";

import type { ConfigSystem } from "../config-system.ts";
import { certificateFields, listenerFields as fields } from "../options/listener-options.ts";
import type { Option } from "../options/option.ts";
import { fieldOf } from "../options/option-list.ts";
import type { ConfigProblem } from "../problem.ts";
import { type ListenerSettings, listenerSettings } from "../resolve/resolve-listeners.ts";
import type { Settings } from "../settings.ts";

/** A PEM file larger than this is something else. */
const FILE_BYTES_MAX = 1024 * 1024;

const DAY_MS = 86_400_000;
const EXPIRES_SOON_MS = 14 * DAY_MS;

/** What the files of the listeners' certificates are like: what would keep TLS from being spoken, and what will soon. */
export interface CertificateFindings {
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
}

/** Opens every file that a listener's `tls` names, as the master will when it starts. */
export function checkCertificates(settings: Settings, system: ConfigSystem, nowMs: number): CertificateFindings {
  const check = new CertificateCheck(settings, system, nowMs);
  for (const item of listenerSettings(settings)) {
    for (const key of item.certificateKeys) check.pair(key);
    check.clientAuthority(item);
  }
  return check;
}

class CertificateCheck implements CertificateFindings {
  readonly problems: ConfigProblem[] = [];
  readonly warnings: ConfigProblem[] = [];
  readonly #settings: Settings;
  readonly #system: ConfigSystem;
  readonly #nowMs: number;

  constructor(settings: Settings, system: ConfigSystem, nowMs: number) {
    this.#settings = settings;
    this.#system = system;
    this.#nowMs = nowMs;
  }

  pair(item: string): void {
    const certificateField = fieldOf(item, certificateFields.certificate);
    const keyField = fieldOf(item, certificateFields.key);
    const certificate = this.#certificate(certificateField);
    const key = this.#key(keyField);
    if (certificate === null || key === null) return;
    if (!certificate.checkPrivateKey(key)) {
      const message = `Cannot use ${keyField.key}: it belongs to another certificate than ${certificateField.key}, the certificate's own is allowed`;
      this.#report(this.problems, message, [certificateField, keyField]);
    }
    this.#validity(certificate, certificateField);
  }

  clientAuthority({ key }: ListenerSettings): void {
    const option = fieldOf(key, fields.clientAuthority);
    if (this.#settings.value(option) !== null) this.#certificate(option);
  }

  #certificate(option: Option<string | null>): X509Certificate | null {
    const text = this.#read(option);
    if (text === null) return null;
    try {
      return new X509Certificate(text);
    } catch {
      this.#refuseFile(option, "holds no certificate that can be read", "PEM, the server's own certificate first,");
      return null;
    }
  }

  #key(option: Option<string | null>): KeyObject | null {
    const text = this.#read(option);
    if (text === null) return null;
    try {
      return createPrivateKey(text);
    } catch {
      this.#refuseFile(option, "holds no private key that can be read", "PEM without a passphrase");
      return null;
    }
  }

  /** An expired certificate is shown all the same: clients say what they think of it, and a service that is half up can be looked at. */
  #validity(certificate: X509Certificate, option: Option<string | null>): void {
    const fromMs = Date.parse(certificate.validFrom);
    const toMs = Date.parse(certificate.validTo);
    const state =
      toMs < this.#nowMs
        ? `it expired on ${day(toMs)}`
        : fromMs > this.#nowMs
          ? `it is not valid before ${day(fromMs)}`
          : toMs < this.#nowMs + EXPIRES_SOON_MS
            ? `it expires on ${day(toMs)}`
            : null;
    if (state === null) return;
    this.#report(this.warnings, `Cannot rely on ${option.key}: ${state}, clients refuse what is not valid`, [option]);
  }

  #read(option: Option<string | null>): Buffer | null {
    const name = this.#settings.value(option);
    if (name === null) return null;
    const path = resolve(this.#system.cwd, name);
    const kind = this.#system.kindOf(path);
    if (kind !== "file") {
      this.#refuseFile(option, kind === "missing" ? "does not exist" : "is not a file", "a PEM file");
    } else if (!this.#system.mayUse(path, "read")) {
      this.#refuseFile(option, "may not be read by this user", "a readable PEM file");
    } else if (this.#system.sizeOf(path) > FILE_BYTES_MAX) {
      this.#refuseFile(option, "is larger than 1 MiB", "a PEM file");
    } else {
      return Buffer.from(this.#system.read(path));
    }
    return null;
  }

  #refuseFile(option: Option<string | null>, state: string, allowed: string): void {
    const path = resolve(this.#system.cwd, this.#settings.value(option) ?? "");
    this.#report(this.problems, `Cannot use ${option.key}: ${path} ${state}, ${allowed} is allowed`, [option]);
  }

  #report(to: ConfigProblem[], message: string, options: readonly Option<string | null>[]): void {
    const origins = options.map(({ key }) => this.#settings.origin(key)).filter(({ kind }) => kind !== "default");
    to.push({ message, origins, hint: null });
  }
}

function day(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
