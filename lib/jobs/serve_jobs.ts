import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { describeError } from "../cli/describe_error.ts";
import type { JobMessage } from "./run_jobs.ts";

/** Does a task; what it throws is the task's failure and not the worker's. */
export type JobHandler<Task, Result, Progress> = (
  task: Task,
  progress: (progress: Progress) => void,
) => Promise<Result>;

/**
 * Whether this module runs in a worker that `runJobs` has started.
 *
 * @returns false on the main thread
 */
export function isJobWorker(): boolean {
  return !isMainThread;
}

/**
 * The worker's side of `runJobs`: does the tasks that come, one at a time.
 *
 * @param start makes what does the tasks, from the setup of `runJobs`; what it
 *   throws ends all jobs
 * @returns resolves when the worker is ready
 */
export async function serveJobs<Setup, Task, Result, Progress>(
  start: (setup: Setup) => Promise<JobHandler<Task, Result, Progress>>,
): Promise<void> {
  const post = (message: JobMessage<Result, Progress>) =>
    parentPort!.postMessage(message);
  const fail = (error: unknown) =>
    post({ kind: "error", message: describeError(error) });
  // What is thrown outside of a task leaves the worker in an unknown state.
  // Deno would print such an error over many lines.
  const die = (event: Event, error: unknown) => {
    event.preventDefault();
    post({ kind: "gone", message: describeError(error) });
  };
  addEventListener("error", (event) => die(event, event.error));
  addEventListener("unhandledrejection", (event) => die(event, event.reason));
  let handler: JobHandler<Task, Result, Progress>;
  try {
    handler = await start(workerData as Setup);
  } catch (error) {
    return fail(error);
  }
  parentPort!.on("message", async (task: Task) => {
    try {
      const result = await handler(
        task,
        (progress) => post({ kind: "progress", progress }),
      );
      post({ kind: "result", result });
    } catch (error) {
      fail(error);
    }
  });
  post({ kind: "ready" });
}
