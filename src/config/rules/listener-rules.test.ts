import { describe, expect, test } from "bun:test";

import { testAuthority } from "../../../test/support/certificates.ts";
import { type ConfigText, loadText, problemsOf } from "../../../test/support/config-text.ts";
import type { LoadedConfig } from "../load-config.ts";
import { renderOrigin } from "../origin.ts";

const a = testAuthority().issue({ names: ["a.test"] });
const expired = testAuthority().issue({ names: ["b.test"], validDays: [-10, -1] });
const early = testAuthority().issue({ names: ["b.test"], validDays: [2, 30] });
const soon = testAuthority().issue({ names: ["b.test"], validDays: [-10, 5] });
const FILES = {
  "a.crt": a.certificatePem,
  "a.key": a.keyPem,
  "expired.crt": expired.certificatePem,
  "expired.key": expired.keyPem,
  "early.crt": early.certificatePem,
  "early.key": early.keyPem,
  "soon.crt": soon.certificatePem,
  "soon.key": soon.keyPem,
  "ca.crt": testAuthority().certificatePem,
  "text.txt": "hello",
};

function textOf(listeners: string, rest = "", environment: Readonly<Record<string, string>> = {}): ConfigText {
  const yaml = `runtime: stub\nserver:\n${rest}  listeners:\n${listeners.replace(/^/gm, "    ")}\n`;
  return { yaml, files: FILES, forbidden: ["/app/secret.key"], environment };
}

function load(...parameters: Parameters<typeof textOf>): LoadedConfig {
  return loadText(textOf(...parameters));
}

/** Every problem with the lines it stands on. */
function refused(...parameters: Parameters<typeof textOf>): readonly string[] {
  return problemsOf(textOf(...parameters)).map(
    ({ message, origins }) => `${message} @ ${origins.map(renderOrigin).join(" ")}`,
  );
}

const tls = (text: string) => `- { port: 443, tls: { ${text} } }`;
const pair = (name: string) => `certificates: [{ cert: ${name}.crt, key: ${name}.key }]`;

describe("server.listeners", () => {
  test("resolves addresses, paths and defaults", () => {
    const { config, warnings } = load(
      [
        `- { port: 443, protocols: [h2], proxy_protocol: optional, tls: { ${pair("a")}, client_certificates: required, client_ca: ca.crt } }`,
        `- { host: "[::1]", port: 80, redirect_https: true }`,
        `- { path: run/v.sock, mode: 0660 }`,
        `- { port: 8443, tls: { certificates: [{ cert: a.crt, key: a.key, hosts: "a.test *.b.test" }], min_version: 1.3 } }`,
      ].join("\n"),
      "  trusted_proxies: [10.0.0.0/8, unix]\n",
    );
    expect(warnings).toEqual([]);
    const certificate = { certificateFile: "/app/a.crt", keyFile: "/app/a.key", hosts: [] };
    const clear = { protocols: ["h1", "h2"], proxyProtocol: "off", redirectHttpsPort: null, tls: null } as const;
    expect(config.server.listeners).toEqual([
      {
        ...clear,
        protocols: ["h2"],
        address: { host: "0.0.0.0", port: 443 },
        proxyProtocol: "optional",
        tls: {
          certificates: [certificate],
          versionMin: "TLSv1.2",
          ciphers: null,
          clientCertificates: "required",
          clientAuthorityFile: "/app/ca.crt",
        },
      },
      { ...clear, address: { host: "::1", port: 80 }, redirectHttpsPort: 443 },
      { ...clear, address: { path: "/app/run/v.sock", mode: 0o660 } },
      {
        ...clear,
        address: { host: "0.0.0.0", port: 8443 },
        tls: {
          certificates: [{ ...certificate, hosts: ["a.test", "*.b.test"] }],
          versionMin: "TLSv1.3",
          ciphers: null,
          clientCertificates: "off",
          clientAuthorityFile: null,
        },
      },
    ]);
    expect(config.server.trustedProxies).toEqual(["10.0.0.0/8", "unix"]);
  });

  test("leaves the default port of the admin listener to whoever asks for it", () => {
    expect(load("- { port: 9090 }").config.server.listeners).toMatchObject([{ address: { port: 9090 } }]);
  });

  test.each<[string, Parameters<typeof load>, string]>([
    ["neither port nor path", ["- { host: 127.0.0.1 }"], "server.listeners[0]: it has neither port nor path"],
    ["both", ["- { port: 1, path: a }"], "server.listeners[0]: it has a port and a path"],
    ["an empty item", ["- {}"], "server.listeners[0]: it is empty, a map with keys such as host, port, path"],
    ["no map", ["- 8080"], 'server.listeners[0]: it is "8080", a map with keys'],
    ["no list", ["port: 8080"], "server.listeners: it is a map, a list of up to 64 maps"],
    ["an unknown key", ["- { prot: 1 }"], 'server.listeners[0]: "prot" is no key of it'],
    ["an unknown key of tls", [tls("certs: []")], 'server.listeners[0].tls: "certs" is no key of it'],
    ["a bad value", ["- { port: http }"], 'server.listeners[0].port: it is "http", a whole number'],
    ["TLS with everything commented out", ["- { port: 443, tls: }"], "server.listeners[0].tls: it is empty"],
    ["TLS without certificates", [tls("min_version: 1.3")], "server.listeners[0].tls: it has no certificates"],
    ["no key", [tls("certificates: [{ cert: a.crt }]")], "server.listeners[0].tls.certificates[0]: it has no key"],
    [
      "an address that another one is part of",
      ["- { host: 127.0.0.1, port: 80 }\n- { port: 80 }"],
      "server.listeners[1]: it listens on 0.0.0.0:80 and server.listeners[0] on 127.0.0.1:80",
    ],
    [
      "an address of IPv6 and all of them",
      ['- { port: 80, host: "::1" }\n- { port: 80, host: "::" }'],
      "server.listeners[1]: it listens on [::]:80 and server.listeners[0] on [::1]:80",
    ],
    ["one socket twice", ["- { path: a.sock }\n- { path: ./a.sock }"], "server.listeners[1]: it listens on ./a.sock"],
    [
      "one address twice",
      ["- { port: 80 }\n- { port: 80 }"],
      "server.listeners[1]: it listens on 0.0.0.0:80 as server.listeners[0] does",
    ],
    [
      "the admin listener's port",
      ["- { port: 443 }\n- { port: 9099 }", "", { VILYA_ADMIN_PORT: "9099" }],
      "admin.port: requests are served on port 9099",
    ],
    ["the short form beside it", ["- { port: 80 }", "  port: 81\n"], "server.port: server.listeners is given too"],
    [
      "the short form by a variable",
      ["- { port: 80 }", "", { VILYA_PORT: "81" }],
      "server.port: server.listeners is given too",
    ],
    [
      "an unknown protocol",
      ["- { port: 80, protocols: [h1, h4] }"],
      'protocols: it is ["h1", "h4"], a list of h1, h2, h3',
    ],
    [
      "HTTP/3 alone",
      [`- { port: 443, protocols: h3, tls: { ${pair("a")} } }`],
      "server.listeners[0].protocols: h3 stands alone",
    ],
    ["HTTP/3 in the clear", ["- { port: 443, protocols: h1 h3 }"], "protocols: h3 is given without tls"],
    [
      "HTTP/3 on a Unix socket",
      [`- { path: v.sock, protocols: [h1, h3], tls: { ${pair("a")} } }`],
      "protocols: h3 is given with a Unix socket",
    ],
    [
      "HTTP/3 behind PROXY headers",
      [
        `- { port: 443, protocols: [h1, h3], proxy_protocol: on, tls: { ${pair("a")} } }`,
        "  trusted_proxies: [unix]\n",
      ],
      "protocols: h3 is given with proxy_protocol",
    ],
    [
      "HTTP/3 with clients' certificates",
      [`- { port: 443, protocols: [h2, h3], tls: { ${pair("a")}, client_certificates: optional, client_ca: ca.crt } }`],
      "protocols: h3 is given with tls.client_certificates",
    ],
    [
      "a redirect from TLS",
      [`- { port: 443, redirect_https: true, tls: { ${pair("a")} } }`],
      "server.listeners[0].redirect_https: the listener speaks TLS",
    ],
    [
      "PROXY headers of nobody",
      ["- { port: 80, proxy_protocol: on }"],
      "server.listeners[0].proxy_protocol: server.trusted_proxies is empty",
    ],
    [
      "clients' certificates without authority",
      [tls(`${pair("a")}, client_certificates: required`)],
      "tls.client_certificates: client_ca is not given",
    ],
    [
      "an authority for nothing",
      [tls(`${pair("a")}, client_ca: ca.crt`)],
      "tls.client_ca: client_certificates is not given",
    ],
    [
      "a file that is not there",
      [tls("certificates: [{ cert: gone.crt, key: a.key }]")],
      "certificates[0].cert: /app/gone.crt does not exist",
    ],
    [
      "a key that may not be read",
      [tls("certificates: [{ cert: a.crt, key: secret.key }]")],
      "certificates[0].key: /app/secret.key",
    ],
    [
      "a certificate that is none",
      [tls("certificates: [{ cert: text.txt, key: a.key }]")],
      "cert: /app/text.txt holds no certificate",
    ],
    [
      "a key that is none",
      [tls("certificates: [{ cert: a.crt, key: text.txt }]")],
      "key: /app/text.txt holds no private key",
    ],
    [
      "a key of another certificate",
      [tls("certificates: [{ cert: a.crt, key: soon.key }]")],
      "key: it belongs to another certificate than server.listeners[0].tls.certificates[0].cert",
    ],
    [
      "an authority that is none",
      [tls(`${pair("a")}, client_certificates: optional, client_ca: text.txt`)],
      "tls.client_ca: /app/text.txt holds no certificate",
    ],
    [
      "a network with bits behind its prefix",
      ["- { port: 80 }", "  trusted_proxies: 10.0.0.1/8\n"],
      "server.trusted_proxies: it is",
    ],
  ])("refuses %s", (_, parameters, expected) => {
    const problems = refused(...parameters);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
    expect(problems[0]).toMatch(/ @ (?:vilya\.yaml:\d|env )/);
  });

  test("reports all problems of all listeners at once, in the order of the file", () => {
    const problems = refused(
      ["- { port: x, tls: { min_version: 2 } }", "- { path: a, mode: 99 }", "- { porf: 1 }"].join("\n"),
    );
    expect(problems.map((problem) => /server\.listeners\[\d\][.\w]*/.exec(problem)?.[0])).toEqual([
      "server.listeners[0].port",
      "server.listeners[0].tls.min_version",
      "server.listeners[1].mode",
      "server.listeners[2]",
    ]);
  });

  test.each([
    ["expired", "it expired on"],
    ["early", "it is not valid before"],
    ["soon", "it expires on"],
  ])("warns of a certificate that is %s, and starts", (name, expected) => {
    const { warnings } = load(tls(pair(name)));
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining(expected)]);
  });
});
