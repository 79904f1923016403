import { ProtocolError } from "../../base/errors.ts";

/** A connection does not begin with the PROXY protocol header that it has to begin with. */
export class ProxyHeaderError extends ProtocolError {
  readonly code = "VILYA_PROXY_HEADER";

  constructor(state: string, allowed: string) {
    super(`Cannot read a PROXY protocol header: ${state}, ${allowed} is allowed`);
  }
}
