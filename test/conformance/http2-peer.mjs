// A client of the runtime's own HTTP/2, for `http2-peers.test.ts`: asks a server for a bit of everything and prints what it got, as JSON.
// Arguments: the server's origin, and the certificate of the authority to trust, PEM, where it speaks TLS.
import { connect } from "node:http2";

const [origin, ca] = process.argv.slice(2);
const session = connect(origin, ca === undefined ? {} : { ca });
let goaway = null;
session.on("error", (error) => fail(error));
session.on("goaway", (code) => (goaway = code));

/** Sends a request and resolves with its answer. */
function ask(headers, body = null, trailers = null) {
  const stream = session.request(
    { ":path": "/", ...headers },
    { endStream: body === null, waitForTrailers: trailers !== null },
  );
  const answer = { status: 0, fields: {}, byteLength: 0, text: "" };
  stream.setEncoding("latin1");
  stream.on("response", (fields) => {
    answer.status = fields[":status"];
    answer.fields = fields;
  });
  stream.on("data", (chunk) => {
    answer.byteLength += chunk.length;
    answer.text = (answer.text + chunk).slice(0, 100);
  });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  if (body !== null) stream.end(body);
  return new Promise((resolve, reject) => {
    stream.on("end", () => resolve(answer));
    stream.on("error", reject);
  });
}

function fail(error) {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}

try {
  const answers = {
    many: (await Promise.all(Array.from({ length: 100 }, (_, index) => ask({ ":path": `/?${index}` })))).map(
      ({ text }) => text,
    ),
    upload: (await ask({ ":method": "POST", "x-a": "1" }, Buffer.alloc(3_000_000, "x"))).text,
    download: (await ask({ ":path": "/large" })).byteLength,
    trailers: (await ask({ ":method": "PUT" }, "with trailers", { "x-sum": "1" })).text,
    head: await ask({ ":method": "HEAD" }).then(({ status, byteLength, fields }) => [
      status,
      byteLength,
      fields["content-length"],
    ]),
    cookies: (await ask({ ":path": "/cookie", cookie: ["a=1", "b=2"] })).text,
    // Its decoder refuses a header block that does not take the smaller table into account.
    withoutTable: await new Promise((resolve) => {
      session.settings({ headerTableSize: 0 }, () => resolve(ask({ ":path": "/?table" }).then(({ text }) => text)));
    }),
    long: (await ask({ ":path": "/long", "x-long": "x".repeat(8_000) })).text,
  };
  await new Promise((resolve) => session.ping(resolve));
  session.close();
  process.stdout.write(JSON.stringify({ ...answers, goaway }));
} catch (error) {
  fail(error);
}
