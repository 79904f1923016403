import { APPS, findApp } from "./apps.js";
import { addAppCard } from "./ask.js";
import { joinChat } from "./chat.js";
import { listCommands } from "./commands.js";
import { followEngine } from "./engine.js";
import { prepareUpload } from "./upload.js";

followEngine();

const found = await Promise.all(APPS.map(findApp));
const present = APPS.filter((_, index) => found[index].hint === undefined);
for (const [index, app] of APPS.entries()) {
  addAppCard(app, found[index]);
  if (present.includes(app)) continue;
  for (const radio of document.querySelectorAll(`input[type=radio][value=${app.prefix}]`)) radio.disabled = true;
}
listCommands(present);
prepareUpload(present[0].prefix);
joinChat(present.find(({ hasChat }) => hasChat).prefix);
