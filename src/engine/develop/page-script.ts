/** Nothing of an app may be below it while it is developed. */
export const DEVELOPMENT_PREFIX = "/.vilya/";
export const EVENTS_PATH: string = `${DEVELOPMENT_PREFIX}events`;
export const SCRIPT_PATH: string = `${DEVELOPMENT_PREFIX}reload.js`;

/** Goes behind the last byte of a page, where every parser still takes it for a part of the body. */
export function scriptElement(nonce: string | null): string {
  return `<script src="${SCRIPT_PATH}"${nonce === null ? "" : ` nonce="${nonce}"`} async></script>`;
}

/** Loads the page again when the version that is told is another one than the first. It asks again when the connection breaks. */
export const PAGE_SCRIPT: string = `(() => {
  let version = null;
  const events = new EventSource(${JSON.stringify(EVENTS_PATH)});
  events.onmessage = ({ data }) => {
    if (version !== null && version !== data) {
      events.close();
      location.reload();
    }
    version = data;
  };
  addEventListener("pagehide", () => events.close());
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
})();
`;
