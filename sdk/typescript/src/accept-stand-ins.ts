import { replaceMethod } from "./replace-method.ts";
import { platformOf } from "./stand-in.ts";

/** Has the functions of Bun that take requests and responses take ours from now on; Node.js has none. */
export function acceptStandIns(): void {
  if (process.versions.bun === undefined) return;
  replaceMethod(Bun, "write", (write) => (target, content, options) => write(target, platformOf(content), options));
  replaceMethod(Blob.prototype, "write", (write) => {
    return function (content, options) {
      return write.call(this, platformOf(content), options);
    };
  });
  replaceMethod(HTMLRewriter.prototype, "transform", (transform) => {
    return function (content) {
      return transform.call(this, platformOf(content));
    };
  });
}
