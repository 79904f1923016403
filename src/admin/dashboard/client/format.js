/** How numbers are shown: short, with a unit, and with as many digits as matter. */

/** `1,234`, `12.3k`, `4.56M`. */
export function count(value) {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)}M`;
  if (value >= 1e4) return `${(value / 1e3).toPrecision(3)}k`;
  return Math.round(value).toLocaleString("en");
}

/** A rate; below ten it has a decimal. */
export function rate(value) {
  return value > 0 && value < 10 ? value.toFixed(1) : count(value);
}

/** `0.4 ms`, `12 ms`, `1.50 s`; `–` for none. */
export function milliseconds(value) {
  if (value === null || value < 0) return "–";
  if (value === 0) return "0 ms";
  if (value >= 10_000) return `${(value / 1_000).toFixed(1)} s`;
  if (value >= 1_000) return `${(value / 1_000).toFixed(2)} s`;
  return `${value >= 10 ? Math.round(value) : value.toFixed(1)} ms`;
}

/** `12 KiB`, `34 MiB`, `1.2 GiB`. */
export function bytes(value) {
  if (value === 0) return "0";
  if (value >= 2 ** 30) return `${(value / 2 ** 30).toFixed(1)} GiB`;
  if (value >= 2 ** 20) return `${Math.round(value / 2 ** 20)} MiB`;
  return `${Math.round(value / 1024)} KiB`;
}

/** `12s`, `4m 5s`, `3h 2m`, `2d 3h`: the two largest units. */
export function duration(ms) {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${seconds % 60}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** The time of day. */
export function clock(epochMs) {
  return new Date(epochMs).toLocaleTimeString("en-GB");
}
