import { expect, test } from "bun:test";

import { toRemoteAddress } from "./remote-address.ts";

test.each([
  ["192.0.2.1:5000", { address: "192.0.2.1", family: "IPv4", port: 5_000 }],
  ["[2001:db8::1]:5000", { address: "2001:db8::1", family: "IPv6", port: 5_000 }],
  ["unix:", null],
  ["", null],
])("toRemoteAddress reads %p", (text, expected) => {
  expect(toRemoteAddress(text)).toEqual(expected as ReturnType<typeof toRemoteAddress>);
});
