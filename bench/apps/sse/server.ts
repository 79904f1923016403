const encoder = new TextEncoder();

/** Streams events for `bench/sse.ts`: each client gets one every `interval` ms, which carries the time it was sent at. */
// oxlint-disable-next-line import/no-default-export -- what an app is
export default {
  concurrency: 4_096,
  fetch(request: Request): Response {
    const { searchParams } = new URL(request.url);
    const intervalMs = Number(searchParams.get("interval"));
    if (intervalMs === 0) return new Response("ok");
    let timer: NodeJS.Timeout | undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(encoder.encode(": begun\n\n"));
        timer = setInterval(() => {
          const nowMs = performance.timeOrigin + performance.now();
          controller.enqueue(encoder.encode(`data: ${nowMs}\n\n`));
        }, intervalMs);
      },
      cancel: () => clearInterval(timer),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  },
};
