/**
 * The stub's answer by the runtime's own `node:http2`, in the clear. Its one argument is the port.
 */
import { createServer, type ServerHttp2Stream } from "node:http2";

const BODY = Buffer.from('{"message":"Hello from the stub","runtime":"stub"}');

const server = createServer();
server.on("stream", (stream: ServerHttp2Stream) => {
  stream.respond({ ":status": 200, "content-type": "application/json", "content-length": BODY.length });
  stream.end(BODY);
});
server.listen(Number(process.argv[2]), "127.0.0.1");
