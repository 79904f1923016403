import { expect, test } from "bun:test";

import type { ListenAddressConfig } from "../../config/server-config.ts";
import { assertFamiliesStay, leavesIpv4, SharedPortError } from "./shared-port.ts";

const EVERY_IPV6 = { host: "::", port: 80 };
const EVERY_IPV4 = { host: "0.0.0.0", port: 80 };
const ELSEWHERE = { host: "0.0.0.0", port: 81 };
const UNIX = { path: "/run/v.sock", mode: 0o600 };

test.each<[ListenAddressConfig, readonly ListenAddressConfig[], boolean]>([
  [EVERY_IPV6, [EVERY_IPV6, EVERY_IPV4], true],
  [EVERY_IPV6, [EVERY_IPV6, ELSEWHERE, UNIX], false],
  [EVERY_IPV4, [EVERY_IPV6, EVERY_IPV4], false],
  [UNIX, [UNIX], false],
])("leavesIpv4 › %p among %p: %p", (address, all, expected) => {
  expect(leavesIpv4(address, all)).toBe(expected);
});

test("assertFamiliesStay › refuses what an open socket cannot become, in both directions", () => {
  const refused = (wanted: readonly ListenAddressConfig[], open: readonly ListenAddressConfig[]): unknown => {
    try {
      return assertFamiliesStay(wanted, open);
    } catch (error) {
      return error instanceof SharedPortError ? error.message : error;
    }
  };
  const both = [EVERY_IPV4, EVERY_IPV6];
  const message = "Cannot listen on [::]:80: it was opened for";
  expect(refused([EVERY_IPV6], both)).toBe(`${message} IPv6 alone, a restart is needed`);
  expect(refused(both, [EVERY_IPV6])).toBe(`${message} IPv4, too, a restart is needed`);
  expect(refused(both, both)).toBeUndefined();
  expect(refused(both, [])).toBeUndefined();
  expect(refused([EVERY_IPV4], both)).toBeUndefined();
});
