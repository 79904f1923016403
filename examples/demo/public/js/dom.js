/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** An element with properties and children; texts are texts, never markup. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const PLAIN = new Intl.NumberFormat("en");

/** 12,345 */
export const formatCount = (count) => PLAIN.format(count);

/** 0.84, 8.4, 84: three digits at most. */
export const formatMs = (ms) => ms.toFixed(ms < 1 ? 2 : ms < 10 ? 1 : 0);

/** 59 s, 12 min, 3 h 20 min */
export function formatDuration(ms) {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
