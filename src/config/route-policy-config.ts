/** What holds for the requests of a route before and after they are answered. Everything is off unless it is given: null, or false. */
export interface RoutePoliciesConfig {
  /** At most `server.max_body_size`, which holds where it is null. */
  readonly bodyBytesMax: number | null;
  readonly requestFields: FieldRulesConfig | null;
  readonly responseFields: FieldRulesConfig | null;
  readonly securityHeaders: boolean;
  readonly requestId: boolean;
  readonly cors: CorsConfig | null;
  readonly basicAuth: BasicAuthConfig | null;
  readonly rateLimit: RateLimitConfig | null;
  readonly maintenance: MaintenanceConfig | null;
  readonly errorPages: ErrorPagesConfig | null;
}

/** Changes to header fields, in this order: remove, set, add. Values are one line each. */
export interface FieldRulesConfig {
  readonly remove: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly add: Readonly<Record<string, string>>;
}

/** Who may read answers from other origins (WHATWG Fetch §3.3). */
export interface CorsConfig {
  /** Origins in lower case, or `*` alone. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  /** Request fields beyond the safe ones; `*` alone takes what is asked for. */
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly allowsCredentials: boolean;
  readonly maxAgeS: number;
}

/** Who may pass, by name and password hash (RFC 7617). */
export interface BasicAuthConfig {
  readonly realm: string;
  /** Hashes in PHC or bcrypt's form. */
  readonly users: Readonly<Record<string, string>>;
}

/** A bucket for each client, refilled evenly. */
export interface RateLimitConfig {
  readonly requestCount: number;
  readonly periodMs: number;
  /** What may come at once. */
  readonly burstCount: number;
}

/** Who is sent away, and for how long. */
export interface MaintenanceConfig {
  readonly retryAfterS: number;
  /** Networks, addresses and `unix`: who is served all the same. */
  readonly allowed: readonly string[];
}

/** What clients see of errors of the engine's own. */
export interface ErrorPagesConfig {
  /** With `{status}`, `{reason}` and `{error_id}`; null is the engine's own page. */
  readonly html: string | null;
}
