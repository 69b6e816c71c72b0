/**
 * Runs before a task's script is loaded, by `--preload` in deno.json: loading
 * takes a second, in which Ctrl-Z would leave a terminal without a prompt.
 */
import { keepRunning } from "../base/interruption.ts";

keepRunning();
