import { listenForInterruption } from "../base/interruption.ts";
import type { InterruptedError } from "../base/errors.ts";
import type { FigureTextOptions } from "../charts/figure.ts";
import { createLiveChart } from "../cli/live_chart.ts";
import type { Output } from "../cli/output.ts";
import { createProgress, type ProgressNumbers } from "../cli/progress.ts";
import type { RunDirectory } from "../run/run_directory.ts";

/** Milliseconds between two checkpoints: what a kill costs at most. */
const SAVE_INTERVAL = 10_000;

/** Milliseconds after which the event loop turns once, to hear signals. */
const TURN_INTERVAL = 50;

/** What {@link superviseRun} needs. */
export interface SupervisionOptions {
  /** Has begun. */
  readonly run: Pick<RunDirectory, "resumeCommand">;
  readonly output: Output;
  readonly quiet: boolean;
  /** What the bar counts, in a few words. */
  readonly label: string;
  /** Of the bar. */
  readonly total: number;
  /** How much was done before this part of the run. */
  readonly done: number;
  /** Draws the chart above the bar; by default there is none. */
  live?(options: FigureTextOptions): string;
}

/** What a training says of itself where it may be saved or ended. */
export interface PausedTraining {
  /** Saves the training as it is now. */
  save(): void | Promise<void>;
  /** Where the training is, behind “Interrupted”: `in relu after step 7`. */
  place(): string;
  /** Whether to save now, however long ago the last checkpoint is. */
  readonly due?: boolean;
}

/** Who watches over a run's training, until it is disposed of. */
export interface Supervision extends Disposable {
  /** Aborted when Ctrl-C or another signal asks the training to end. */
  readonly signal: AbortSignal;
  /** Moves the bar, and redraws the chart now and then. */
  update(done: number, numbers: ProgressNumbers): void;
  /** Clears bar and chart; the next update shows them again. */
  clear(): void;
  /** Prints text in the place of bar and chart. */
  log(text: string): void;
  /** The time left at the last update, s; undefined while it is not known. */
  secondsLeft(): number | undefined;
  /** Saves; the time to the next checkpoint counts from then on. */
  save(write: () => void | Promise<void>): Promise<void>;
  /**
   * To be called often, where the training can go on from a checkpoint: lets
   * signals be heard, and saves each 10 seconds.
   *
   * @throws {InterruptedError} when a signal has come, after saving
   */
  pause(training: PausedTraining): Promise<void>;
  /** What to end with when a signal has come; clears bar and chart. */
  interrupted(place: string, options?: ErrorOptions): InterruptedError;
}

/**
 * Watches over a run's training: a progress bar, a chart where there is one,
 * checkpoints, and an end at Ctrl-C that `--resume` goes on after.
 *
 * @param options see {@link SupervisionOptions}
 * @returns the watch; declare it with `using`
 *
 * @example
 * ```ts
 * import { superviseRun } from "#lib/train/supervise_run.ts";
 *
 * const saved: number[] = [];
 * let step = 0;
 * using supervision = superviseRun({
 *   run: { resumeCommand: "deno task my-task --resume" },
 *   output: { log: console.log, result() {} },
 *   quiet: true,
 *   label: "training",
 *   total: 3,
 *   done: 0,
 * });
 * while (step < 3) {
 *   step++; // the training
 *   supervision.update(step, { imagesPerSecond: 1 });
 *   await supervision.pause({
 *     due: step === 2, // beside each 10 seconds
 *     save: () => void saved.push(step),
 *     place: () => `after step ${step}`,
 *   });
 * }
 * console.log(saved); // [ 2 ]
 * ```
 */
export function superviseRun(options: SupervisionOptions): Supervision {
  const { run, output, quiet, label, total, done, live: draw } = options;
  using watching = new DisposableStack();
  const interruption = watching.use(listenForInterruption());
  const progress = watching.use(
    createProgress({ total, done, label, enabled: !quiet }),
  );
  const live = watching.use(createLiveChart({
    enabled: draw !== undefined && !quiet,
    progress,
    draw: (options) => draw!(options),
  }));
  let savedAt = performance.now(), turnedAt = savedAt;
  const clear = () => {
    progress.stop();
    live.clear();
  };
  const save: Supervision["save"] = async (write) => {
    await write();
    savedAt = performance.now();
  };
  const interrupted: Supervision["interrupted"] = (place, options) => {
    clear();
    return interruption.error(
      `Interrupted ${place}: ${run.resumeCommand} goes on`,
      options,
    );
  };
  const watched = watching.move();
  return {
    signal: interruption.signal,
    update(done, numbers) {
      live.update();
      progress.update(done, numbers);
    },
    clear,
    log(text) {
      clear();
      output.log(text);
    },
    secondsLeft: () => progress.secondsLeft(),
    save,
    async pause({ save: write, place, due = false }) {
      const now = performance.now();
      if (now - turnedAt > TURN_INTERVAL) {
        await new Promise((resolve) => setTimeout(resolve));
        turnedAt = performance.now();
      }
      const ends = interruption.requested;
      if (ends || due || now - savedAt > SAVE_INTERVAL) await save(write);
      if (ends) throw interrupted(place());
    },
    interrupted,
    [Symbol.dispose]: () => watched.dispose(),
  };
}
