import type { Terminal } from "../../src/cli/command.ts";

/** Keeps what a command writes. */
export class FakeTerminal implements Terminal {
  outText = "";
  errText = "";
  isScreen = false;
  isOutClosed = false;

  out(text: string): void {
    this.outText += text;
  }

  err(text: string): void {
    this.errText += text;
  }
}
