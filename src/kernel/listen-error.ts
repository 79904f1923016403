import { VilyaError } from "../base/errors.ts";
import { formatSocketAddress, type SocketAddress } from "./socket-address.ts";

/** Why an address cannot be listened on, apart from its operating system's name for it. */
export type ListenErrorCode =
  | "VILYA_LISTEN_ADDRESS_IN_USE"
  | "VILYA_LISTEN_ADDRESS_NOT_AVAILABLE"
  | "VILYA_LISTEN_PERMISSION_DENIED"
  | "VILYA_LISTEN_HOST_NOT_FOUND"
  | "VILYA_LISTEN_PATH_NOT_FOUND"
  | "VILYA_LISTEN_PATH_TOO_LONG"
  | "VILYA_LISTEN_FAILED";

/** A listening socket cannot be made. `errno` is the system's or resolver's name (`EADDRINUSE`). */
export class ListenError extends VilyaError {
  readonly code: ListenErrorCode;
  readonly address: SocketAddress;
  readonly errno: string;

  constructor(address: SocketAddress, errno: string, options?: ErrorOptions) {
    const [code, reason] = explain(address, errno);
    super(`Cannot listen on ${formatSocketAddress(address)}: ${reason}`, options);
    this.code = code;
    this.address = address;
    this.errno = errno;
  }
}

function explain(address: SocketAddress, errno: string): [code: ListenErrorCode, reason: string] {
  const isUnix = "path" in address;
  switch (errno) {
    case "EADDRINUSE":
      return [
        "VILYA_LISTEN_ADDRESS_IN_USE",
        isUnix
          ? "another process listens there or the path is no socket, choose a path that is free"
          : `another process holds the port, choose another one or find the holder with: ss -ltnp 'sport = :${address.port}'`,
      ];
    case "EADDRNOTAVAIL":
      return [
        "VILYA_LISTEN_ADDRESS_NOT_AVAILABLE",
        "no interface of this machine has this address, use one that it has, or 0.0.0.0 for all",
      ];
    case "EAFNOSUPPORT":
      return ["VILYA_LISTEN_ADDRESS_NOT_AVAILABLE", "this machine does not speak IPv6, use an IPv4 address"];
    case "EACCES":
    case "EPERM":
      return [
        "VILYA_LISTEN_PERMISSION_DENIED",
        isUnix
          ? "this user may not write to its directory, choose another directory"
          : "this user may not use the port, choose one from 1024 up or grant CAP_NET_BIND_SERVICE",
      ];
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return ["VILYA_LISTEN_HOST_NOT_FOUND", "the host's name has no address, use one that resolves, or an address"];
    case "ENOENT":
    case "ENOTDIR":
      return ["VILYA_LISTEN_PATH_NOT_FOUND", "its directory does not exist, create it or choose another one"];
    case "ENAMETOOLONG":
      return ["VILYA_LISTEN_PATH_TOO_LONG", "its path is too long, 107 bytes are allowed"];
    default:
      return ["VILYA_LISTEN_FAILED", `the system said ${errno}, a socket has to be possible there`];
  }
}
