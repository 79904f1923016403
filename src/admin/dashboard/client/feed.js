/** The stream of events of the instance: read by `fetch`, which can bring a token, and begun again whenever it ends. */

const RETRY_MS = 1_000;
const TOKEN_KEY = "vilya-token";

/** Asks the control API. @returns status and the parsed answer. */
export async function ask(path, body) {
  const response = await fetch(path, {
    method: body === undefined ? "GET" : "POST",
    headers: authorization(),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, answer: await response.json() };
}

/** Calls `on.history`, `on.sample`, `on.log` with what comes, and `on.state` with `open`, `lost` or `token`. Never returns. */
export async function follow(on) {
  for (;;) {
    try {
      const response = await fetch("/v1/events", { headers: authorization() });
      if (response.status === 401) await askForToken(on);
      else if (response.ok) await read(response, on);
    } catch {
      // The instance is gone, or has cut the stream: it may come back.
    }
    on.state("lost");
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function read(response, on) {
  on.state("open");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const events = (text + part.value).split("\n\n");
    text = events.pop();
    for (const event of events) {
      const [name, data] = event.split("\n", 2);
      on[name.slice("event: ".length)]?.(JSON.parse(data.slice("data: ".length)));
    }
  }
}

function authorization() {
  const token = sessionStorage.getItem(TOKEN_KEY);
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

async function askForToken(on) {
  on.state("token");
  const dialog = document.getElementById("token-dialog");
  if (!dialog.open) dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  sessionStorage.setItem(TOKEN_KEY, document.getElementById("token").value.trim());
}
