import { byId, make } from "./dom.js";

/** Commands for the terminal, with this server's address in them, for the apps that are there. */
export function listCommands(apps) {
  const origin = location.origin;
  const commands = [
    ...apps.map(({ prefix }) => `curl ${origin}/${prefix}/hello/Ada`),
    `curl -F file=@package.json ${origin}/ts/upload`,
    `curl -N ${origin}/ts/events`,
    `curl -I --compressed ${origin}/style.css`,
    "npm run vilya -- status --config examples/demo/vilya.yaml",
  ];
  byId("commands").append(
    ...commands.map((command) => {
      const copy = make("button", { type: "button" }, "Copy");
      copy.setAttribute("aria-label", `Copy: ${command}`);
      copy.addEventListener("click", async () => {
        await navigator.clipboard.writeText(command);
        copy.textContent = "Copied";
        setTimeout(() => (copy.textContent = "Copy"), 1_500);
      });
      return make("li", {}, make("code", {}, command), copy);
    }),
  );
}
