import { formatPercent } from "../../base/format.ts";
import { type Checkpoint, loadCheckpoint } from "../../run/checkpoint.ts";
import type { RunDirectory } from "../../run/run_directory.ts";
import { netFile } from "../../train/net_files.ts";
import type {
  AutodiffNet,
  AutodiffResults,
} from "./octmnist_autodiff_results.ts";
import type { ReportTable } from "../../reporting/report.ts";

/** A weight of less than this size counts as 0. */
const NEARLY_ZERO = 1e-3;

/** What `dense` ends the names of weights with. */
const SUFFIX = "/weights";

/** Whether a variable is a layer's weights, and not its bias. */
export function isWeight(name: string): boolean {
  return name.endsWith(SUFFIX);
}

/** Which share of a net's weights is nearly zero. */
export interface WeightSparsity {
  /** How the net was regularized. */
  readonly method: string;
  /** By the layer's name, 0 to 1. */
  readonly layers: Readonly<Record<string, number>>;
  /** Of the weights of all layers together, 0 to 1. */
  readonly all: number;
}

/**
 * Counts a net's weights that are nearly zero: |w| < 0.001.
 *
 * @param method how the net was regularized
 * @param tensors of the net, by their names; biases are no weights
 */
export function weightSparsity(
  method: string,
  tensors: Checkpoint["tensors"],
): WeightSparsity {
  const layers = Object.entries(tensors)
    .filter(([name]) => isWeight(name))
    .map(([name, { data }]) => ({
      layer: name.slice(0, -SUFFIX.length),
      count: data.length,
      below: data.filter((w) => Math.abs(w) < NEARLY_ZERO).length,
    }));
  const total = layers.reduce((sum, { count }) => sum + count, 0);
  return {
    method,
    layers: Object.fromEntries(
      layers.map(({ layer, below, count }) => [layer, below / count]),
    ),
    all: layers.reduce((sum, { below }) => sum + below, 0) / total,
  };
}

/**
 * Counts the weights of table 7's nets that are nearly zero.
 *
 * @param run has their files; nets that diverged have none and are left out
 */
export function autodiffSparsity(
  run: Pick<RunDirectory, "file">,
  plans: readonly (AutodiffNet & { readonly regularization: string })[],
  results: AutodiffResults,
): WeightSparsity[] {
  return plans.filter(({ name, places }) =>
    places.some(({ table }) => table === "7") &&
    results.get(name)!.at(-1)!.train_loss !== "NaN"
  ).map((plan) =>
    weightSparsity(
      plan.regularization,
      loadCheckpoint(run.file(netFile(plan))).tensors,
    )
  );
}

/** The share of all weights that is nearly zero, by method. */
export function nearlyZero(
  nets: readonly WeightSparsity[],
): Record<string, number> {
  return Object.fromEntries(nets.map(({ method, all }) => [method, all]));
}

/** The shares of nets with the same layers, a row per net. */
export function sparsityTable(nets: readonly WeightSparsity[]): ReportTable {
  return {
    title: "Weights below 0.001 after training",
    columns: ["method", ...Object.keys(nets[0]?.layers ?? {}), "all"],
    rows: nets.map(({ method, layers, all }) => [
      method,
      ...[...Object.values(layers), all].map((share) =>
        formatPercent(share, 1)
      ),
    ]),
  };
}
