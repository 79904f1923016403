/** An app that counts what it is asked for. */
// oxlint-disable-next-line import/no-default-export -- what an app is
export default {
  fetch(request, { metrics }) {
    metrics.count("orders", 1, { path: new URL(request.url).pathname }, "Orders taken.");
    metrics.gauge("stock", 12.5);
    metrics.observe("payment_seconds", 0.02);
    return new Response("counted");
  },
};
