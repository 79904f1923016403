import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";

import { der } from "./der.ts";

const ECDSA_WITH_SHA256 = der.sequence(der.objectIdentifier("1.2.840.10045.4.3.2"));
const COMMON_NAME = "2.5.4.3";
const ORGANIZATION = "2.5.4.10";
const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
const BASIC_CONSTRAINTS = "2.5.29.19";

const DAY_MS = 86_400_000;

/** What a test's certificate says. */
export interface CertificateRequest {
  /** DNS names and IP addresses; the first is the subject's common name as well, unless `commonName` is given. */
  readonly names?: readonly string[];
  readonly commonName?: string;
  readonly organization?: string;
  /** Days from now; default: from yesterday to in a month. */
  readonly validDays?: readonly [from: number, to: number];
}

/** A certificate and its key, PEM. */
export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** A certificate authority that lives as long as the tests: nothing of it is on disk, and no program is needed to make it. */
export class TestAuthority {
  readonly certificatePem: string;
  readonly #key: KeyObject;
  readonly #name: Buffer;

  constructor(commonName: string = "test authority") {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#key = privateKey;
    this.#name = distinguishedName({ commonName });
    const isAuthority = extension(BASIC_CONSTRAINTS, true, der.sequence(der.boolean(true)));
    this.certificatePem = this.#certify(this.#name, publicKey, [isAuthority], [-1, 30]);
  }

  issue(request: CertificateRequest): IssuedCertificate {
    const { names = [], commonName = names[0] ?? "nobody", organization, validDays = [-1, 30] } = request;
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const alternatives = der.sequence(...names.map(alternativeName));
    const extensions = names.length === 0 ? [] : [extension(SUBJECT_ALTERNATIVE_NAME, false, alternatives)];
    return {
      certificatePem: this.#certify(distinguishedName({ commonName, organization }), publicKey, extensions, validDays),
      keyPem: privateKey.export({ type: "pkcs8", format: "pem" }),
    };
  }

  // RFC 5280 §4.1
  #certify(
    subject: Buffer,
    publicKey: KeyObject,
    extensions: readonly Buffer[],
    [from, to]: readonly [from: number, to: number],
  ): string {
    const now = Date.now();
    const signed = der.sequence(
      der.explicit(0, der.integer(2n)),
      der.integer(BigInt(`0x${randomBytes(8).toString("hex")}`)),
      ECDSA_WITH_SHA256,
      this.#name,
      der.sequence(der.time(new Date(now + from * DAY_MS)), der.time(new Date(now + to * DAY_MS))),
      subject,
      publicKey.export({ type: "spki", format: "der" }),
      ...(extensions.length === 0 ? [] : [der.explicit(3, der.sequence(...extensions))]),
    );
    const certificate = der.sequence(signed, ECDSA_WITH_SHA256, der.bitString(sign("sha256", signed, this.#key)));
    const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
  }
}

let shared: TestAuthority | null = null;

/** The one that the tests of a process trust. */
export function testAuthority(): TestAuthority {
  return (shared ??= new TestAuthority());
}

interface NameParts {
  readonly commonName: string;
  readonly organization?: string | undefined;
}

function distinguishedName({ commonName, organization }: NameParts): Buffer {
  const part = (identifier: string, text: string) =>
    der.set(der.sequence(der.objectIdentifier(identifier), der.text(text)));
  const parts = organization === undefined ? [] : [part(ORGANIZATION, organization)];
  return der.sequence(...parts, part(COMMON_NAME, commonName));
}

function alternativeName(name: string): Buffer {
  const version = isIP(name);
  if (version === 0) return der.implicit(2, Buffer.from(name, "latin1"));
  if (version === 6) throw new Error(`Cannot issue a certificate for ${name}: names and IPv4 addresses are allowed`);
  return der.implicit(7, Buffer.from(name.split(".").map(Number)));
}

function extension(identifier: string, isCritical: boolean, value: Buffer): Buffer {
  const critical = isCritical ? [der.boolean(true)] : [];
  return der.sequence(der.objectIdentifier(identifier), ...critical, der.octetString(value));
}
