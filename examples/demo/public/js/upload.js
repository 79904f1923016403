import { APPS } from "./apps.js";
import { byId, formatCount, formatMs, make } from "./dom.js";
import { showAnswerOf } from "./tree.js";

const SAMPLE_BYTES = 1_048_576;
/** What `crypto.getRandomValues` gives at a time. */
const RANDOM_BYTES_MAX = 65_536;

/** The upload form; `target` is the prefix of the app that is chosen first. */
export function prepareUpload(target) {
  const form = byId("upload-form");
  const input = byId("file");
  const drop = byId("drop");
  form.elements.target.value = target;
  input.addEventListener("change", () => (byId("file-name").textContent = input.files[0]?.name ?? "Choose a file"));
  for (const [type, isOver] of Object.entries({ dragenter: true, dragover: true, dragleave: false, drop: false })) {
    drop.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", isOver);
    });
  }
  drop.addEventListener("drop", ({ dataTransfer }) => {
    input.files = dataTransfer.files;
    input.dispatchEvent(new Event("change"));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [file] = input.files;
    if (file === undefined) input.click();
    else void upload(file, form.elements.target.value);
  });
  byId("upload-sample").addEventListener("click", () => void upload(makeNoise(), form.elements.target.value));
}

async function upload(blob, prefix) {
  const result = byId("upload-result");
  const progress = byId("upload-progress");
  progress.hidden = false;
  try {
    const { status, text, ms } = await send(
      contentFor(prefix, blob),
      `/${prefix}/upload`,
      (part) => (progress.value = part),
    );
    if (status === 413) {
      result.textContent = `${formatCount(blob.size)} bytes are more than server.max_body_size allows (413).`;
      return;
    }
    if (status !== 200) throw new Error(`the answer was ${status}`);
    const { bytes, sha256, worker } = JSON.parse(text);
    showAnswerOf(worker.process);
    const isSame = sha256 === (await sha256Of(blob));
    result.replaceChildren(
      make(
        "b",
        {},
        `${formatCount(bytes)} bytes in ${formatMs(ms)} ms, read by process ${worker.process} (${worker.runtime}).`,
      ),
      make("br"),
      `SHA-256 ${sha256.slice(0, 16)}… ${isSame ? "is what your browser computes, too." : "differs from what your browser computes."}`,
    );
  } catch (error) {
    result.textContent = `Not uploaded: ${error.message}.`;
  } finally {
    progress.hidden = true;
    progress.value = 0;
  }
}

/** A form where the engine takes it apart for the app, otherwise the bytes alone. */
function contentFor(prefix, blob) {
  if (!APPS.find((app) => app.prefix === prefix).takesForms) return blob;
  const form = new FormData();
  form.set("file", blob, blob.name ?? "noise");
  return form;
}

/** `fetch` does not tell how much has been sent; XMLHttpRequest does. */
function send(content, url, onProgress) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const startedMs = performance.now();
  const request = new XMLHttpRequest();
  request.open("POST", url);
  request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded / total));
  request.addEventListener("load", () =>
    resolve({ status: request.status, text: request.responseText, ms: performance.now() - startedMs }),
  );
  request.addEventListener("error", () => reject(new Error("the connection was lost")));
  request.send(content);
  return promise;
}

async function sha256Of(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function makeNoise() {
  const bytes = new Uint8Array(SAMPLE_BYTES);
  for (let start = 0; start < SAMPLE_BYTES; start += RANDOM_BYTES_MAX) {
    crypto.getRandomValues(bytes.subarray(start, start + RANDOM_BYTES_MAX));
  }
  return new Blob([bytes]);
}
