import { ask } from "./apps.js";
import { byId, formatCount, formatMs, make } from "./dom.js";
import { showAnswerOf } from "./tree.js";

const MANY = 100;
const BAR_COUNT = 48;
const NAMES = ["Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Radia", "Ken"];

let nameIndex = 0;
const nextName = () => NAMES[nameIndex++ % NAMES.length];

/** A card to ask one app with. `found` is what `findApp` has said about it. */
export function addAppCard(app, found) {
  const card = byId("app-card").content.firstElementChild.cloneNode(true);
  const part = (selector) => card.querySelector(selector);
  card.classList.add(app.pool);
  card.id = `app-${app.prefix}`;
  part("h3").textContent = app.title;
  byId("apps").append(card);
  if (found.hint !== undefined) {
    part(".present").hidden = true;
    part(".missing").hidden = false;
    part(".missing p").textContent =
      `${app.title} is missing on this machine. The rest of this page works. To install it, then npm start again:`;
    part(".missing code").textContent = found.hint;
    return;
  }
  part(".runtime").textContent = found.worker.runtime;

  const times = [];
  const result = part(".result");
  const take = ({ ms, worker }) => {
    times.push(ms);
    showAnswerOf(worker.process);
    drawBars(part(".spark"), times.slice(-BAR_COUNT));
    part(".ms").textContent = formatMs(ms);
  };
  const press = (button, work) =>
    button.addEventListener("click", async () => {
      if (button.ariaBusy === "true") return;
      button.ariaBusy = "true"; // A disabled button would lose the keyboard's focus.
      try {
        await work();
      } catch (error) {
        result.textContent = `No answer: ${error.message}.`;
      } finally {
        button.ariaBusy = null;
      }
    });

  const askOnce = async (path) => {
    const answer = await ask(path);
    take(answer);
    const { process, served, warm_seconds: seconds } = answer.worker;
    result.replaceChildren(
      make("b", {}, answer.message),
      make("br"),
      `Process ${process}, its request number ${formatCount(served)}, warm for ${seconds} s.`,
    );
  };
  press(part(".one"), () => askOnce(`/${app.prefix}/hello/${nextName()}`));
  press(part(".slow"), () => askOnce(`/${app.prefix}/slow?ms=300`));
  press(part(".many"), async () => {
    const startedMs = performance.now();
    const answers = await Promise.all(
      Array.from({ length: MANY }, async () => {
        const answer = await ask(`/${app.prefix}/hello/${nextName()}`);
        take(answer);
        return answer;
      }),
    );
    const tookMs = performance.now() - startedMs;
    const processCount = new Set(answers.map(({ worker }) => worker.process)).size;
    const sorted = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
    part(".ms").textContent = formatMs(sorted[MANY / 2]);
    result.replaceChildren(
      make("b", {}, `${MANY} answers in ${formatMs(tookMs)} ms, browser included.`),
      make("br"),
      `Half of them took at most ${formatMs(sorted[MANY / 2])} ms; ${processCount === 1 ? "one process" : `${processCount} processes`} took part.`,
    );
  });
}

/** The last answers, newest at the right, as high as the slowest of them. */
function drawBars(svg, times) {
  const slowestMs = Math.max(...times);
  const width = 240 / BAR_COUNT;
  svg.replaceChildren(
    ...times.map((ms, index) => {
      const height = Math.max(2, (ms / slowestMs) * 46);
      const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      const x = 240 - (times.length - index) * width;
      for (const [name, value] of Object.entries({ x, y: 48 - height, width: width - 1.5, height }))
        bar.setAttribute(name, value);
      return bar;
    }),
  );
}
