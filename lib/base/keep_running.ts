import { printNotice } from "./notice.ts";
import { ignoresHangup } from "./terminal.ts";

/**
 * Keeps a task running at Ctrl-Z, and under `nohup` when the terminal closes.
 *
 * `deno task` itself never stops, so a task that did would leave a terminal
 * without a prompt. And it takes from the task what `nohup` has set.
 */
export function keepRunning(): void {
  if (Deno.build.os === "windows") return; // it has neither
  Deno.addSignalListener("SIGTSTP", () => {
    printNotice(
      "This task cannot be suspended and goes on; Ctrl-C ends it (trainings save)",
    );
  });
  if (ignoresHangup()) Deno.addSignalListener("SIGHUP", () => {});
}
