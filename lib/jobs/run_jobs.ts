import {
  isMainThread,
  parentPort,
  Worker,
  workerData,
} from "node:worker_threads";
import { describeError } from "../cli/run_main.ts";

/** What {@link runJobs} needs. */
export interface RunJobsOptions<Setup, Task, Result, Progress> {
  /** The workers' module, which calls `serveJobs`. */
  worker: URL;
  /** What each worker starts with; it is cloned. */
  setup: Setup;
  /** Cloned too, one at a time; begun in their order. */
  tasks: readonly Task[];
  /** Workers at once, at least 1. */
  jobs: number;
  /** Ends all workers at once; `runJobs` then rejects with its reason. */
  signal: AbortSignal;
  /** A worker begins with a task, for the first or the second time. */
  begun?(index: number): void;
  /** A task is done. What the three callbacks throw ends all jobs. */
  done(index: number, result: Result): void;
  /** A task has failed: its handler threw, or its worker ended twice. */
  failed(index: number, error: Error): void;
  /** A task is under way. */
  progress(index: number, progress: Progress): void;
}

/**
 * How many workers, in words.
 *
 * @param count at least 1
 */
export function workersText(count: number): string {
  return count === 1 ? "a worker" : `${count} workers`;
}

/** A worker may end for a reason that is not its task's; not twice in one. */
const ATTEMPTS = 2;

/**
 * Does tasks side by side, each in a worker, which does one after another. A
 * task that fails leaves the others alone; a worker that ends is replaced, and
 * its task tried once more.
 *
 * @returns resolves when each task is done or has failed, and all workers ended
 * @throws {Error} where a worker does not start, what a callback throws, or the
 *   signal's reason; all workers have ended then too
 */
export async function runJobs<Setup, Task, Result, Progress>(
  options: RunJobsOptions<Setup, Task, Result, Progress>,
): Promise<void> {
  const { tasks, jobs, worker: module, setup } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  let next = 0;

  async function work() {
    let worker: JobWorker<Task, Result, Progress> | undefined;
    try {
      while (next < tasks.length) {
        const index = next++;
        for (let attempt = 1;; attempt++) {
          worker ??= await startJobWorker(module, setup, signal);
          options.begun?.(index);
          const end = await worker.run(
            tasks[index]!,
            (progress) => options.progress(index, progress),
          );
          signal.throwIfAborted();
          if (end.kind === "result") options.done(index, end.result);
          if (end.kind === "error") {
            options.failed(index, new Error(end.message));
          }
          if (end.kind !== "gone") break;
          worker = undefined;
          if (attempt < ATTEMPTS) continue;
          options.failed(
            index,
            new Error(
              `Cannot finish the task: its worker must live: got its end ${ATTEMPTS} times: ${end.message}`,
            ),
          );
          break;
        }
      }
    } finally {
      await worker?.stop();
    }
  }

  const workers = Array.from({ length: Math.min(jobs, tasks.length) }, work);
  // The first error is the signal's reason, and so what the others end with.
  await Promise.all(
    workers.map((worker) => worker.catch((error) => stop.abort(error))),
  );
  signal.throwIfAborted();
}

/** How a task ended; `gone`: the worker itself has ended, or must be. */
type JobEnd<Result> =
  | { readonly kind: "result"; readonly result: Result }
  | { readonly kind: "error"; readonly message: string }
  | { readonly kind: "gone"; readonly message: string };

/** What a worker says: it is ready, how far it is, or how its task ended. */
export type JobMessage<Result, Progress> =
  | { readonly kind: "ready" }
  | { readonly kind: "progress"; readonly progress: Progress }
  | JobEnd<Result>;

/** A worker that does one task after another. */
interface JobWorker<Task, Result, Progress> {
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
async function startJobWorker<Setup, Task, Result, Progress>(
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
