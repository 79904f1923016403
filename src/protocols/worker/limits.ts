/** The bytes of a frame's length, which counts everything behind itself. */
export const LENGTH_BYTES = 4;

/** How many arrays and maps may lie in each other in a worker's frame, its own map included. */
export const NESTING_MAX = 32;

/** How many header fields a response may have. */
export const FIELD_COUNT_MAX = 256;

/** How many bytes the header fields of a response may have together: values, and the name of each. */
export const FIELD_BYTES_MAX: number = 256 * 1024;

/** How many bytes are kept of what a worker says went wrong: it goes to the log. */
export const ERROR_BYTES_MAX: number = 16 * 1024;

/** How many bytes the name of an SDK may have. */
export const SDK_BYTES_MAX = 64;

/** How many features a hello may list. */
export const FEATURE_COUNT_MAX = 32;

/** How many bytes the name of a feature may have. */
export const FEATURE_BYTES_MAX = 32;

/** How many bytes a worker may keep with a WebSocket, to see them again with the socket's next event. */
export const SOCKET_STATE_BYTES_MAX = 4096;

/** How many actions one answer or frame may list. */
export const ACTION_COUNT_MAX = 1024;

/** How many bytes the name of a socket may have; a longer one names none. */
export const SOCKET_NAME_BYTES_MAX = 64;
