import { Worker } from "node:worker_threads";
import { describeError } from "../cli/describe_error.ts";

/** How a task ended; `gone`: the worker itself has ended, or must be. */
export type JobEnd<Result> =
  | { readonly kind: "result"; readonly result: Result }
  | { readonly kind: "error"; readonly message: string }
  | { readonly kind: "gone"; readonly message: string };

/** What a worker says: it is ready, how far it is, or how its task ended. */
export type JobMessage<Result, Progress> =
  | { readonly kind: "ready" }
  | { readonly kind: "progress"; readonly progress: Progress }
  | JobEnd<Result>;

/** A worker that does one task after another. */
export interface JobWorker<Task, Result, Progress> {
  /** Does a task; never rejects. One at a time. */
  run(
    task: Task,
    progress: (progress: Progress) => void,
  ): Promise<JobEnd<Result>>;
  /** Ends the worker at once, and a task with it. */
  stop(): Promise<void>;
}

/**
 * Starts a worker whose module calls `serveJobs`.
 *
 * @param module the worker's module
 * @param setup what `serveJobs` starts with, cloned
 * @param signal ends the worker at once
 * @returns the worker, ready for a task
 * @throws {Error} if it does not start
 */
export async function startJobWorker<Setup, Task, Result, Progress>(
  module: URL,
  setup: Setup,
  signal: AbortSignal,
): Promise<JobWorker<Task, Result, Progress>> {
  type Message = JobMessage<Result, Progress>;
  type Answer = Exclude<Message, { kind: "progress" }>;
  signal.throwIfAborted();
  // Not the global Worker, which is silent about a worker that just exits.
  const worker = new Worker(module, { workerData: setup });
  const stop = async () => void await worker.terminate();
  signal.addEventListener("abort", stop);
  let answer: (answer: Answer) => void;
  let onProgress: (progress: Progress) => void = () => {};
  let lastWords = "it ended without a word";
  const next = () => new Promise<Answer>((resolve) => answer = resolve);
  const gone = new Promise<Answer>((resolve) => {
    worker.on("exit", () => {
      signal.removeEventListener("abort", stop);
      resolve({ kind: "gone", message: lastWords });
    });
  });
  worker.on("error", (error: unknown) => lastWords = describeError(error));
  worker.on("message", (message: Message) => {
    if (message.kind === "progress") onProgress(message.progress);
    else if (message.kind !== "gone") answer(message);
    else {
      lastWords = message.message;
      void stop();
    }
  });
  const first = await Promise.race([next(), gone]);
  if (first.kind !== "ready") {
    await stop();
    throw new Error(
      first.kind === "error"
        ? first.message
        : `Cannot start worker: it must say that it is ready: got its end: ${lastWords}`,
    );
  }
  return {
    async run(task, progress) {
      onProgress = progress;
      const answered = next();
      worker.postMessage(task);
      return await Promise.race([answered, gone]) as JobEnd<Result>;
    },
    stop,
  };
}
