import { make } from "./elements.js";
import { ask } from "./feed.js";

const TOAST_MS = 6_000;

/** Says what has come of something, for a moment. */
export function toast(text, isBad = false) {
  const element = make("p", isBad ? "bad" : "", text);
  document.getElementById("toasts").append(element);
  setTimeout(() => element.remove(), TOAST_MS);
}

/** Replaces the workers of an app by a new generation; `null` for everything, the configuration too. */
export async function reload(app) {
  toast(app === null ? "Reloading the configuration and all apps …" : `Reloading ${app} …`);
  const { status, answer } = await ask("/v1/reload", { app });
  if (status === 200) toast(app === null ? "Everything is reloaded" : `${app} is reloaded`);
  else toast(`Not reloaded: ${answer.error ?? reasonOf(answer)}`, true);
}

export async function recycle(app) {
  const { status, answer } = await ask("/v1/recycle", { app });
  if (status === 202) toast(`The workers of ${app} are being replaced, one by one`);
  else toast(`Not recycled: ${answer.error}`, true);
}

export async function scale(app, workers) {
  const { status, answer } = await ask("/v1/scale", { app, workers });
  if (status === 200) toast(`${app} is to have ${workers} ${workers === 1 ? "worker" : "workers"}`);
  else toast(`Not scaled: ${answer.error}`, true);
}

/** A button that is off while what it does is under way. */
export function actionButton(label, name, act) {
  const button = make("button", "button", label);
  button.type = "button";
  button.setAttribute("aria-label", name);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await act();
    } catch {
      toast("The instance does not answer", true);
    } finally {
      button.disabled = false;
    }
  });
  return button;
}

/** Of a report that refuses a reload: the first thing that somebody can mend. */
function reasonOf({ reason, problems, apps }) {
  const failed = apps.find(({ failure }) => failure !== null);
  if (failed !== undefined) return `${failed.app}: ${failed.failure.reason}`;
  return problems[0]?.problem ?? reason ?? "the log says why";
}
