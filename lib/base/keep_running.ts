import { printNotice } from "./notice.ts";
import { ignoresHangup } from "./terminal.ts";

let keeps = false;

/**
 * Keeps a task running at Ctrl-Z, and under `nohup` when the terminal closes.
 *
 * `deno task` itself never stops, so a task that did would leave a terminal
 * without a prompt. And it takes from the task what `nohup` has set.
 * Does nothing a second time.
 */
export function keepRunning(): void {
  if (keeps || Deno.build.os === "windows") return; // which has neither
  keeps = true;
  Deno.addSignalListener("SIGTSTP", () => {
    printNotice(
      "This task cannot be suspended and goes on; Ctrl-C ends it (trainings save)",
    );
  });
  if (ignoresHangup()) Deno.addSignalListener("SIGHUP", () => {});
}
