import { Http1Peer } from "./http1-peer.ts";
import { Http2Peer } from "./http2-peer.ts";
import { Http3Peer } from "./http3-peer.ts";
import { Http3Server } from "./http3-server.ts";
import type { HttpVariant } from "./http-peer.ts";
import { HttpServer, type HttpTransport } from "./http-server.ts";

function http1(name: string, transport: HttpTransport): HttpVariant {
  return {
    name,
    httpMajor: 1,
    scheme: transport === "tls" ? "https" : "http",
    losses: [],
    start: (config = {}) => {
      const server = new HttpServer(config, transport);
      return { server, connect: async () => new Http1Peer(() => server.connect()) };
    },
  };
}

function http2(name: string, transport: HttpTransport): HttpVariant {
  const scheme = transport === "tls" ? "https" : "http";
  return {
    name,
    httpMajor: 2,
    scheme,
    losses: [],
    start: (config = {}) => {
      const server = new HttpServer(config, transport);
      return { server, connect: async () => new Http2Peer(await server.connectHttp2(Http2Peer.settings), scheme) };
    },
  };
}

const http3: HttpVariant = {
  name: "h3",
  httpMajor: 3,
  scheme: "https",
  losses: ["raw targets", "trailers", "interim responses", "visible cuts", "lengths of streams"],
  start: (config = {}) => {
    const server = new Http3Server(config);
    return { server, connect: async () => new Http3Peer(server.listener.port) };
  },
};

/**
 * Everything that HTTP is served over. In the clear, HTTP/1.1 and HTTP/2 share one port and are told apart by the preface; over TLS they share
 * one and ALPN tells.
 */
export const HTTP_VARIANTS: readonly HttpVariant[] = [
  http1("h1", "clear"),
  http1("h1 over TLS", "tls"),
  http2("h2 over TLS", "tls"),
  http2("h2c", "clear"),
  http3,
];
