const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

const MINUTES_PER_HOUR = 60;

/** The time of a line in the forms that logs know, made once a second. */
export class LocalTime {
  #second = -1;
  #common = "";
  #bracketed = "";
  #iso = "";
  #utc = "";

  /** `10/Oct/2026:13:55:36 +0000`, by the machine's clock and zone. */
  common(timeMs: number): string {
    this.#update(timeMs);
    return this.#common;
  }

  /** `[10/Oct/2026:13:55:36 +0000]`. */
  bracketed(timeMs: number): string {
    this.#update(timeMs);
    return this.#bracketed;
  }

  /** `2026-10-10T13:55:36+00:00`. */
  iso(timeMs: number): string {
    this.#update(timeMs);
    return this.#iso;
  }

  /** `2026-10-10T13:55:36`, in UTC. */
  utc(timeMs: number): string {
    this.#update(timeMs);
    return this.#utc;
  }

  #update(timeMs: number): void {
    const second = Math.floor(timeMs / 1_000);
    if (second === this.#second) return;
    this.#second = second;
    const date = new Date(second * 1_000);
    const [day, month, year] = [two(date.getDate()), date.getMonth(), String(date.getFullYear())];
    const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    this.#utc = date.toISOString().slice(0, -".000Z".length);
    const eastMinutes = -date.getTimezoneOffset();
    const sign = eastMinutes < 0 ? "-" : "+";
    const [hours, minutes] = [
      two(Math.floor(Math.abs(eastMinutes) / MINUTES_PER_HOUR)),
      two(Math.abs(eastMinutes) % MINUTES_PER_HOUR),
    ];
    this.#common = `${day}/${MONTHS[month]!}/${year}:${time} ${sign}${hours}${minutes}`;
    this.#bracketed = `[${this.#common}]`;
    this.#iso = `${year}-${two(month + 1)}-${day}T${time}${sign}${hours}:${minutes}`;
  }
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
