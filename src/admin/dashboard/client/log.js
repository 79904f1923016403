import { make } from "./elements.js";

const LEVELS = ["debug", "info", "warn", "error"];
const LINE_COUNT_MAX = 500;
const NOT_FIELDS = new Set(["time", "level", "event"]);

/** The end of the log, as far as it is wanted. */
export class LogView {
  #records = [];
  #view = document.getElementById("log");
  #level = document.getElementById("log-level");
  #filter = document.getElementById("log-filter");
  #pause = document.getElementById("log-pause");
  #isPaused = false;

  constructor() {
    this.#level.addEventListener("change", () => this.#showAll());
    this.#filter.addEventListener("input", () => this.#showAll());
    this.#pause.addEventListener("click", () => {
      this.#isPaused = !this.#isPaused;
      this.#pause.setAttribute("aria-pressed", String(this.#isPaused));
      if (!this.#isPaused) this.#showAll();
    });
  }

  /** Begins anew: the stream tells the last lines again. */
  clear() {
    this.#records = [];
    this.#view.replaceChildren();
  }

  add(record) {
    this.#records.push(record);
    if (this.#records.length > LINE_COUNT_MAX) this.#records.shift();
    if (!this.#isPaused && this.#isWanted(record)) this.#append([record]);
  }

  #showAll() {
    this.#view.replaceChildren();
    this.#append(this.#records.filter((record) => this.#isWanted(record)));
  }

  #isWanted(record) {
    if (LEVELS.indexOf(record.level) < LEVELS.indexOf(this.#level.value)) return false;
    const text = this.#filter.value.trim().toLowerCase();
    return text === "" || JSON.stringify(record).toLowerCase().includes(text);
  }

  /** Whoever has scrolled up reads: the view follows only from its end. */
  #append(records) {
    const view = this.#view;
    const isAtEnd = view.scrollHeight - view.scrollTop - view.clientHeight < 40;
    view.append(...records.map(render));
    while (view.childElementCount > LINE_COUNT_MAX) view.firstElementChild.remove();
    if (isAtEnd) view.scrollTop = view.scrollHeight;
  }
}

function render(record) {
  const time = make("time", "", record.time.slice(11, 23));
  time.dateTime = record.time;
  const fields = Object.entries(record)
    .filter(([name]) => !NOT_FIELDS.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
  const level = make("span", record.level, record.level.padEnd(5));
  return make("p", "", time, " ", level, ` ${record.event} `, make("span", "fields", fields));
}
