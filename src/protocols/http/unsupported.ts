import { HttpError } from "./http-error.ts";

/** 501: CONNECT, which asks for a tunnel. */
export function noTunnels(): HttpError {
  return new HttpError(
    "VILYA_HTTP_NOT_IMPLEMENTED",
    501,
    "Cannot serve CONNECT: this server opens no tunnels, every other method is allowed",
  );
}

/** 501: an extended CONNECT of a protocol that is not spoken here. RFC 9220 §3. */
export function unknownProtocol(): HttpError {
  return new HttpError(
    "VILYA_HTTP_NOT_IMPLEMENTED",
    501,
    "Cannot serve an extended CONNECT: its :protocol is not spoken here, websocket is allowed",
  );
}

/** 417: an Expect field with anything but `100-continue`. RFC 9110 §10.1.1. */
export function unknownExpectation(): HttpError {
  return new HttpError(
    "VILYA_HTTP_EXPECTATION_FAILED",
    417,
    "Cannot meet the request's expectation: it is not known here, 100-continue is the only one allowed",
  );
}
