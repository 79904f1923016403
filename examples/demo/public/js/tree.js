import { APPS } from "./apps.js";
import { byId, formatCount } from "./dom.js";

/** User units of the picture, whose view box is 480 by 400. */
const FRONT = { x: 240, y: 150, radius: 52 };
const WORKER = { y: 284, width: 108, height: 76, gap: 10 };
const DOT_MS = 750;
/** Beyond this many dots at a time one more shows nothing new. */
const DOTS_MAX = 40;

const isStill = matchMedia("(prefers-reduced-motion: reduce)");
const workers = new Map();
let drawn = "";
let dotCount = 0;

/** The engine as a picture: the front with what it has served, below it the workers of each pool. */
export function showTree({ requestCount, pools }) {
  const present = pools.flatMap(({ app, workers }) => workers.map((worker) => ({ app, ...worker })));
  const who = present.map(({ app, pid }) => `${app} ${pid}`).join();
  if (who !== drawn) draw(present);
  drawn = who;
  byId("tree-total").textContent = formatCount(requestCount);
  for (const { pid, servedCount } of present) workers.get(pid).count.textContent = formatCount(servedCount);
  const words = present.map(({ app, servedCount }) => `${titleOf(app)} ${formatCount(servedCount)}`);
  byId("tree").setAttribute("aria-label", `The front with its workers, and what each has served: ${words.join(", ")}`);
}

/** Lights up the worker that has just answered, and lets its answer travel, if it is in the picture. */
export function showAnswerOf(pid) {
  const worker = workers.get(pid);
  if (worker === undefined) return;
  const { box, path, app } = worker;
  box.classList.remove("answered");
  void box.getBoundingClientRect(); // Starts the animation anew.
  box.classList.add("answered");
  if (isStill.matches || dotCount >= DOTS_MAX) return;
  const dot = shape("circle", { class: `dot ${app}`, r: 5 });
  dot.style.offsetPath = `path("${path}")`;
  byId("tree-front").before(dot); // Passes behind it.
  dotCount++;
  const motion = dot.animate([{ offsetDistance: "100%" }, { offsetDistance: "0%" }], {
    duration: DOT_MS,
    easing: "ease-in-out",
  });
  motion.finished.finally(() => {
    dotCount--;
    dot.remove();
  });
}

function draw(present) {
  workers.clear();
  const { x, y, radius } = FRONT;
  const links = [shape("path", { class: "link", d: `M${x} 40V${y - radius}` })];
  const width = Math.min(WORKER.width, (480 + WORKER.gap) / present.length - WORKER.gap);
  const start = x - (present.length * (width + WORKER.gap) - WORKER.gap) / 2;
  const middles = new Map();
  const boxes = present.map(({ app, pid }, index) => {
    const left = start + index * (width + WORKER.gap);
    const middle = left + width / 2;
    const down = `M${x} ${y + radius}C${x} ${y + 100} ${middle} ${y + 74} ${middle} ${WORKER.y}`;
    links.push(shape("path", { class: "link", d: down }));
    const count = text("count", middle, WORKER.y + 35, "");
    const box = shape("g", { class: `worker ${app}` });
    box.append(
      shape("rect", { class: "box", x: left, y: WORKER.y, width, height: WORKER.height, rx: 14 }),
      count,
      text("small pid", middle, WORKER.y + 57, `pid ${pid}`),
    );
    middles.set(app, [...(middles.get(app) ?? []), middle]);
    workers.set(pid, { app, box, count, path: `M${x} 40V${y + radius}${down.slice(down.indexOf("C"))}` });
    return box;
  });
  const titles = Array.from(middles, ([app, of]) => {
    const title = text("app", (of[0] + of.at(-1)) / 2, WORKER.y + WORKER.height + 26, titleOf(app));
    title.classList.add(app);
    return title;
  });
  const total = text("total", x, y + 5, "");
  total.id = "tree-total";
  byId("tree").replaceChildren(
    ...links,
    shape("rect", { class: "box", x: x - 76, y: 6, width: 152, height: 36, rx: 18 }),
    text("small", x, 29, "your browser"),
    shape("circle", { id: "tree-front", class: "ring", cx: x, cy: y, r: radius }),
    shape("path", { class: "gem", d: `M${x} ${y - radius - 20}l15 16-15 16-15-16z` }),
    total,
    text("small", x, y + 24, "requests"),
    ...boxes,
    ...titles,
  );
}

const titleOf = (app) => APPS.find(({ pool }) => pool === app)?.title ?? app;

function text(className, x, y, content) {
  const element = shape("text", { class: className, x, y });
  element.textContent = content;
  return element;
}

function shape(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
