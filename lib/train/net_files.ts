import {
  type Checkpoint,
  loadCheckpoint,
  saveCheckpoint,
} from "../run/checkpoint.ts";
import type { FitState } from "./fit.ts";
import type { RunDirectory } from "../run/run_directory.ts";
import type { LogName } from "../run/run_logs.ts";
import { endFile } from "../run/run_record.ts";

/** The file in which a trained net's parameters are left. */
export function netFile(plan: { readonly name: string }): string {
  return `net-${plan.name}.safetensors`;
}

/** All files of a net: its parameters, and where its training ended. */
export function netFiles(plan: { readonly name: string }): string[] {
  return [netFile(plan), endFile(plan)];
}

/**
 * Where a net's training ended, with all that a longer one needs: the state of
 * net, optimizer and generator, and the net's rows of the run's logs.
 */
export interface NetEnd {
  readonly fit: FitState;
  /** The net's lines in each log, without the header. */
  readonly rows: Readonly<Partial<Record<LogName, string>>>;
  readonly tensors: Checkpoint["tensors"];
}

/**
 * Writes a net's end.
 *
 * @throws {Error} `Cannot write <path>: <reason>`
 */
export function saveNetEnd(path: string, { fit, rows, tensors }: NetEnd): void {
  saveCheckpoint(path, { state: { fit, rows } as never, tensors });
}

/**
 * Reads a net's end.
 *
 * @returns null where there is none
 * @throws {Error} `Cannot load checkpoint <path>: ...`
 */
export function loadNetEnd(path: string): NetEnd | null {
  try {
    const { state, tensors } = loadCheckpoint(path);
    return { ...state as unknown as Omit<NetEnd, "tensors">, tensors };
  } catch (error) {
    if ((error as Error).cause instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/**
 * Where a run goes on, in words.
 *
 * @param run what its directory holds
 * @param plans its nets, in their order
 * @param begun the number of complete nets, and the present net's state
 */
export function placeOf(
  { run, plans }: {
    readonly run: Pick<RunDirectory, "file">;
    readonly plans: readonly { readonly name: string }[];
  },
  begun: { readonly net: number; readonly fit: FitState | null } | undefined,
): string {
  if (begun) {
    const name = plans[begun.net]?.name ?? "the report";
    const step = begun.fit ? ` after step ${begun.fit.step}` : "";
    return `going on with ${name}${step}`;
  }
  const ended = plans.filter((plan) => loadNetEnd(run.file(endFile(plan))));
  return ended.length === 0
    ? "no checkpoint yet: from the beginning"
    : `going on where ${ended.length} of ${plans.length} nets ended`;
}
