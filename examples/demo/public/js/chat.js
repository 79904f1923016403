import { byId, make } from "./dom.js";

const GUESTS = ["Aurora", "Boreas", "Calima", "Föhn", "Mistral", "Passat", "Sirocco", "Zephyr"];
const LINES_MAX = 200;
/** Closed without a word: the next connection takes this socket's place. */
const SUPERSEDED = 1000;

let socket = null;

/** Joins the room by way of `via`, the prefix of an app, and again whenever the form says otherwise. */
export function joinChat(via) {
  byId("chat-name").value =
    `${GUESTS[Math.floor(Math.random() * GUESTS.length)]} ${Math.floor(Math.random() * 90) + 10}`;
  const form = byId("chat-identity");
  form.elements.via.value = via;
  form.addEventListener("change", connect);
  form.addEventListener("submit", (event) => event.preventDefault());
  byId("chat-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = byId("chat-text").value.trim();
    if (text === "" || socket?.readyState !== WebSocket.OPEN) return;
    socket.send(text);
    byId("chat-text").value = "";
  });
  connect();
}

function connect() {
  const name = byId("chat-name").value.trim();
  if (name === "") return;
  socket?.close(SUPERSEDED);
  const url = new URL(`/${byId("chat-identity").elements.via.value}/chat`, location);
  url.protocol = url.protocol.replace("http", "ws");
  url.searchParams.set("name", name);
  const mine = new WebSocket(url);
  socket = mine;
  mine.addEventListener("open", () => say(true));
  mine.addEventListener("message", ({ data }) => show(JSON.parse(data), name));
  mine.addEventListener("close", () => {
    if (socket !== mine) return;
    say(false);
    // A server that restarts says 1001, one that is busy 1013: a moment later there is somebody.
    setTimeout(() => socket === mine && connect(), 1_000 + Math.random() * 1_000);
  });
}

function say(isOnline) {
  byId("chat-state").textContent = isOnline ? "online" : "offline";
  byId("chat-state").dataset.on = isOnline;
}

function show({ kind, name, text, via }, ownName) {
  const log = byId("chat-log");
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const item =
    kind === "said"
      ? make("li", {}, make("small", {}, `${name}, through ${via}`), text)
      : make("li", { className: "event" }, `${name} ${kind === "joined" ? `has come, through ${via}` : "has left"}`);
  if (kind === "said" && name === ownName) item.classList.add("own");
  log.append(item);
  if (log.children.length > LINES_MAX) log.firstElementChild.remove();
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}
