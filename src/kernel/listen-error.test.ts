import { describe, expect, test } from "bun:test";

import { ListenError } from "./listen-error.ts";

const tcp = { host: "::", port: 80 };
const unix = { path: "/run/app.sock" };

describe("ListenError", () => {
  test.each([
    [tcp, "EADDRINUSE", "VILYA_LISTEN_ADDRESS_IN_USE", "ss -ltnp 'sport = :80'"],
    [unix, "EADDRINUSE", "VILYA_LISTEN_ADDRESS_IN_USE", "choose a path that is free"],
    [tcp, "EADDRNOTAVAIL", "VILYA_LISTEN_ADDRESS_NOT_AVAILABLE", "0.0.0.0 for all"],
    [tcp, "EAFNOSUPPORT", "VILYA_LISTEN_ADDRESS_NOT_AVAILABLE", "an IPv4 address"],
    [tcp, "EACCES", "VILYA_LISTEN_PERMISSION_DENIED", "CAP_NET_BIND_SERVICE"],
    [unix, "EACCES", "VILYA_LISTEN_PERMISSION_DENIED", "its directory"],
    [tcp, "ENOTFOUND", "VILYA_LISTEN_HOST_NOT_FOUND", "one that resolves"],
    [unix, "ENOENT", "VILYA_LISTEN_PATH_NOT_FOUND", "create it"],
    [unix, "ENAMETOOLONG", "VILYA_LISTEN_PATH_TOO_LONG", "107 bytes"],
    [tcp, "EMFILE", "VILYA_LISTEN_FAILED", "EMFILE"],
  ] as const)("says of %j and %s what is allowed", (address, errno, code, advice) => {
    const error = new ListenError(address, errno);
    expect(error).toMatchObject({ code, errno, address });
    expect(error.message).toStartWith(`Cannot listen on ${"path" in address ? "unix:/run/app.sock" : "[::]:80"}: `);
    expect(error.message).toContain(advice);
  });
});
