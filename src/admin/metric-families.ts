/** What a metric is: its name by Prometheus' conventions, with the unit, and its help. Its labels have few values, none made up by clients. */
export interface MetricFamily {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
}

/** Every metric there is. Counters end in `_total`, durations are seconds, amounts bytes. */
export const METRIC_FAMILIES: Readonly<Record<MetricName, MetricFamily>> = {
  vilya_info: {
    type: "gauge",
    help: "1, with the version of the engine and the name of the instance.",
    labels: ["version", "instance"],
  },
  vilya_uptime_seconds: { type: "gauge", help: "Since the master has started.", labels: [] },
  vilya_front_up: { type: "gauge", help: "1 while a front answers the master, else 0.", labels: [] },
  vilya_front_uptime_seconds: { type: "gauge", help: "Since the oldest front that serves has started.", labels: [] },
  vilya_fronts: {
    type: "gauge",
    help: "Fronts by state: ready, not-ready (no worker, or stopping), silent (it does not answer), gone (about to be spawned).",
    labels: ["state"],
  },
  vilya_front_connections: { type: "gauge", help: "Open connections of clients, front by front.", labels: ["front"] },
  vilya_front_deaths_total: { type: "counter", help: "Fronts that died and were replaced.", labels: [] },
  vilya_process_resident_memory_bytes: {
    type: "gauge",
    help: "Resident memory of the engine's processes: the master, all fronts together.",
    labels: ["role"],
  },
  vilya_event_loop_delay_seconds: {
    type: "gauge",
    help: "The longest that something had to wait for the front's event loop within the last 15 s.",
    labels: ["front"],
  },
  vilya_ready: { type: "gauge", help: "1 while requests are served by the app, else 0.", labels: ["app"] },
  vilya_http_requests_total: {
    type: "counter",
    help: "Requests by their app (empty for the engine itself), method, class of status (none: no answer) and version of HTTP.",
    labels: ["app", "method", "status", "version"],
  },
  vilya_http_request_outcomes_total: {
    type: "counter",
    help: "How requests ended: answered, upgraded, abandoned by their client, refused by the protocol, cut by the app.",
    labels: ["app", "outcome"],
  },
  vilya_http_request_duration_seconds: {
    type: "histogram",
    help: "From the head of a request to the last byte of its answer.",
    labels: ["app"],
  },
  vilya_http_response_body_bytes_total: {
    type: "counter",
    help: "Content of answers, before framing.",
    labels: ["app"],
  },
  vilya_http_connections: { type: "gauge", help: "Open connections of clients.", labels: ["listener"] },
  vilya_http_connections_refused_total: {
    type: "counter",
    help: "Connections closed on arrival: server.max_connections were open.",
    labels: ["listener"],
  },
  vilya_http_protocol_errors_total: {
    type: "counter",
    help: "Requests that were malformed, too large or too slow, and streams and connections that broke a rule.",
    labels: ["listener"],
  },
  vilya_http_timeouts_total: {
    type: "counter",
    help: "Connections and streams cut at the deadline of a head, a body or a write.",
    labels: ["listener"],
  },
  vilya_http_arrivals_failed_total: {
    type: "counter",
    help: "TLS handshakes and PROXY headers that failed or took too long.",
    labels: ["listener"],
  },
  vilya_http_body_memory_bytes: {
    type: "gauge",
    help: "Request bodies that are held in memory.",
    labels: ["listener"],
  },
  vilya_http_spool_failures_total: { type: "counter", help: "Bodies that could not be stored.", labels: ["listener"] },
  vilya_open_connections: {
    type: "gauge",
    help: "Open connections by what is spoken on them: none (yet), h1, h2, websocket. Those of HTTP/3 are the runtime's.",
    labels: ["protocol"],
  },
  vilya_connections_total: {
    type: "counter",
    help: "Connections by what was spoken on them last.",
    labels: ["protocol"],
  },
  vilya_received_bytes_total: {
    type: "counter",
    help: "Bytes from clients, without those of TLS.",
    labels: ["protocol"],
  },
  vilya_sent_bytes_total: { type: "counter", help: "Bytes to clients, without those of TLS.", labels: ["protocol"] },
  vilya_pool_workers: {
    type: "gauge",
    help: "Workers by state: idle, busy, starting, leaving.",
    labels: ["app", "state"],
  },
  vilya_pool_workers_desired: { type: "gauge", help: "Workers that the pool should have.", labels: ["app"] },
  vilya_pool_workers_memory_bytes: { type: "gauge", help: "Resident memory of all workers together.", labels: ["app"] },
  vilya_pool_worker_memory_max_bytes: {
    type: "gauge",
    help: "Resident memory of the largest worker.",
    labels: ["app"],
  },
  vilya_pool_worker_memory_growth_bytes: {
    type: "gauge",
    help: "What the memory of the worker that grows most grows by with each request; 0 while none does.",
    labels: ["app"],
  },
  vilya_pool_stalls_total: {
    type: "counter",
    help: "Times that requests were found waiting while a worker was idle: a fault of the engine.",
    labels: ["app"],
  },
  vilya_pool_worker_boot_seconds: {
    type: "histogram",
    help: "From the start of a worker's process until it was ready.",
    labels: ["app"],
  },
  vilya_pool_queue_depth: {
    type: "gauge",
    help: "Requests that wait for a worker, those written ahead included.",
    labels: ["app"],
  },
  vilya_pool_prefetched: { type: "gauge", help: "Requests that are written ahead to busy workers.", labels: ["app"] },
  vilya_pool_queue_wait_seconds: {
    type: "histogram",
    help: "How long requests waited until their worker began.",
    labels: ["app"],
  },
  vilya_pool_work_seconds: { type: "histogram", help: "How long workers took for a request.", labels: ["app"] },
  vilya_pool_served_total: { type: "counter", help: "Answers of workers.", labels: ["app"] },
  vilya_pool_errors_total: { type: "counter", help: "Answers in which the worker reported an error.", labels: ["app"] },
  vilya_pool_rejections_total: {
    type: "counter",
    help: "Requests that no worker answered: queue-full, queue-timeout, unavailable, stopping (503), timeout (504), lost (502), too-large (413).",
    labels: ["app", "reason"],
  },
  vilya_pool_abandoned_total: {
    type: "counter",
    help: "Requests whose client left while they waited or ran.",
    labels: ["app"],
  },
  vilya_pool_workers_spawned_total: { type: "counter", help: "Worker processes started.", labels: ["app"] },
  vilya_pool_worker_ends_total: {
    type: "counter",
    help: "Workers that are gone: crashed, start-failed, left, scaled-down, or recycled for max-requests, memory, asked, requested, ended for request-timeout, cancel-ignored, unresponsive.",
    labels: ["app", "reason"],
  },
  vilya_pool_workers_blocked_total: {
    type: "counter",
    help: "Times that the event loop of a worker was blocked.",
    labels: ["app"],
  },
  vilya_trace_spans_sent_total: { type: "counter", help: "Spans that the collector has taken.", labels: [] },
  vilya_trace_spans_dropped_total: {
    type: "counter",
    help: "Spans that it has not, or that found no place while it was slow or away.",
    labels: [],
  },
  vilya_relay_messages_total: {
    type: "counter",
    help: "Messages for WebSockets of other fronts, one for each front that they were for.",
    labels: [],
  },
  vilya_relay_dropped_messages_total: {
    type: "counter",
    help: "Messages that another front never got: it took none for too long.",
    labels: [],
  },
  vilya_access_log_lines_total: { type: "counter", help: "Lines taken by an access log.", labels: ["path"] },
  vilya_access_log_dropped_lines_total: {
    type: "counter",
    help: "Lines of an access log that never reached it.",
    labels: ["path"],
  },
};

/** The name of a metric. */
export type MetricName = `vilya_${string}`;
