import { basename, dirname } from "node:path";
import { minusSigns } from "../../base/format.ts";
import type { JsonValue } from "../../base/json_value.ts";
import { DATASET_NAMES, type DatasetName } from "../../data/load_dataset.ts";
import type { TrainableNet } from "../../models/classifier.ts";
import { type FoldedNet, foldNet, snapAlphas } from "../../models/fold_net.ts";
import type { Layer } from "../../models/layers.ts";
import { type PlainLayer, plainLayers } from "../../models/plain_net.ts";
import {
  type Checkpoint,
  type CheckpointTensor,
  encodeCheckpoint,
} from "../../run/checkpoint.ts";
import { listDirectory } from "../../run/find_run.ts";
import { readRunRecord, RECORD_FILE } from "../../run/run_record.ts";
import { netDigest, withTrainedNet } from "../../train/net_files.ts";
import { type FashionNetOptions, REPORT_SETTINGS } from "./fashion_net.ts";

/** A trained net's file. */
export interface NetSource {
  /** What stands for the net in the names of its files. */
  readonly name: string;
  readonly path: string;
}

const NET_FILE = /^net-(.+)\.safetensors$/;

/**
 * The nets that are to be folded.
 *
 * @param source a run's directory, or one net's file
 * @returns the nets, by their names
 * @throws {Error} where there is no such directory, or no net in it
 */
export function netSources(source: string): NetSource[] {
  if (source.endsWith(".safetensors")) {
    const file = basename(source);
    const name = NET_FILE.exec(file)?.[1] ?? file.replace(/\.\w+$/, "");
    return [{ name, path: source }];
  }
  const names = listDirectory(source);
  const nets = (names ?? []).flatMap((file) => {
    const name = NET_FILE.exec(file)?.[1];
    return name === undefined ? [] : [{ name, path: `${source}/${file}` }];
  });
  if (nets.length > 0) return nets;
  const got = names === null ? "no such directory" : "none";
  throw new Error(
    `Cannot fold ${source}: it must be a run with trained nets, net-NAME.safetensors, or one such file: got ${got}`,
  );
}

/**
 * The data set that a run's nets were trained on.
 *
 * @param source as of {@linkcode netSources}
 * @returns its name; null where the nets lie in no run
 */
export function sourceDataset(source: string): DatasetName | null {
  const run = source.endsWith(".safetensors") ? dirname(source) : source;
  if (!listDirectory(run)?.includes(RECORD_FILE)) return null;
  const { dataset } = readRunRecord(run).config;
  return DATASET_NAMES.find((name) => name === dataset) ?? null;
}

/**
 * SHA-256 of nets: they decide the results.
 *
 * @throws {Error} `Cannot load net <path>: …` where one cannot be read
 */
export function netDigests(
  sources: readonly NetSource[],
): Record<string, string> {
  return Object.fromEntries(
    sources.map(({ name, path }) => [name, netDigest(path)]),
  );
}

/**
 * What is to be known to make a net of the shape that a file has.
 *
 * @param source the file; whether a net has ReLU is in its name alone
 * @param tensors what it holds
 * @returns settings of report 1's net; null for report 2's
 * @throws {Error} `Cannot fold <path>: …` for another net
 */
export function netSettings(
  { name, path }: NetSource,
  tensors: Checkpoint["tensors"],
): FashionNetOptions | null {
  const side = tensors["conv1/filter"]?.shape[0];
  const hasAlpha = "alpha_1" in tensors;
  if (side === 2 && hasAlpha) return null;
  const activation = hasAlpha
    ? "relu-alpha"
    : (["relu", "linear"] as const).find((one) =>
      name === one || name.startsWith(`${one}-`)
    );
  if (side !== 5 || activation === undefined) {
    const got = Object.keys(tensors).sort().slice(0, 4).join(", ");
    throw new Error(
      `Cannot fold ${path}: it must be net-NAME.safetensors of fashion-alpha, fashion-features or alpha-sweep: got a file with ${got}`,
    );
  }
  const architecture = "norm1/scale" in tensors ? "batch-norm-pool" : "plain";
  return { ...REPORT_SETTINGS, architecture, activation, lambda: null };
}

/** A net that was folded. */
export interface Fold extends NetSource {
  /** Of an image. */
  readonly shape: readonly number[];
  /** As it was trained. */
  readonly trained: readonly PlainLayer[];
  /** With |α| ≤ ε at 0. */
  readonly snapped: readonly PlainLayer[];
  readonly folded: FoldedNet;
}

/**
 * Reads a net and folds it.
 *
 * @param source its file
 * @param create makes the net with any parameters
 * @param shape of an image
 * @param options the flags of these names
 * @returns the fold; `Cannot fold <name>: …` where there is nothing to fold,
 *   or only at a price
 * @throws {Error} as `withTrainedNet`
 */
export async function foldSource(
  source: NetSource,
  create: () => TrainableNet & { readonly layers: readonly Layer[] },
  shape: readonly number[],
  options: { readonly epsilon: number; readonly all: boolean },
): Promise<Fold | string> {
  const trained = await withTrainedNet(
    source.path,
    create,
    (net) => plainLayers(net.layers),
  );
  const snapped = snapAlphas(trained, options.epsilon);
  const folded = foldNet(snapped, shape, options);
  if (folded.folds.length > 0) {
    return { ...source, shape, trained, snapped, folded };
  }
  const [left] = folded.left;
  if (left !== undefined) {
    const [cost, apart] = [left.folded, left.apart].map((n) =>
      n.toLocaleString("en")
    );
    return `Cannot fold ${source.name}: one layer in the place of ${
      left.names.join(" and ")
    } must take fewer than their ${apart} multiply-adds: got ${cost}; --all folds them too`;
  }
  const found = activationsText(snapped);
  return `Cannot fold ${source.name}: linear layers must follow each other: got ${found} between its layers`;
}

/** A net's activations in words. */
export function activationsText(layers: readonly PlainLayer[]): string {
  const activations = layers.filter((layer) => layer.kind === "activation");
  const alphas = activations.flatMap(({ alpha }) =>
    alpha === null
      ? []
      : Array.from(alpha, (value) => minusSigns(`${+value.toPrecision(3)}`))
  );
  if (activations.length === 0) return "no activation";
  return alphas.length === 0 ? "ReLU" : `α ${alphas.join(", ")}`;
}

/**
 * A net as a safetensors file: its tensors, and in the header's `state` its
 * layers in their order, each with its settings and the names of its tensors.
 *
 * @param layers the net
 * @returns the file's bytes
 */
export function netBytes(layers: readonly PlainLayer[]): Uint8Array {
  const tensors: Record<string, CheckpointTensor> = {};
  const keep = (name: string, shape: readonly number[], data: Float64Array) => {
    tensors[name] = { dtype: "float32", shape, data: Float32Array.from(data) };
    return name;
  };
  const vector = (name: string, data: Float64Array) =>
    keep(name, [data.length], data);
  const described = layers.map((layer, i): JsonValue => {
    switch (layer.kind) {
      case "conv2d": {
        const { kind, name, shape, pad, stride } = layer;
        const filter = keep(`${name}/filter`, shape, layer.filter);
        const bias = vector(`${name}/bias`, layer.bias);
        return { kind, name, filter, bias, pad: [...pad], stride };
      }
      case "bordered-conv2d": {
        const pieces = layer.pieces.map((row, y) =>
          row.map(({ shape, filter, bias, ...place }, x) => ({
            ...place,
            filter: keep(`${layer.name}/${y}/${x}/filter`, shape, filter),
            bias: vector(`${layer.name}/${y}/${x}/bias`, bias),
          }))
        );
        return { ...layer, pieces } as unknown as JsonValue;
      }
      case "dense": {
        const { kind, name, shape } = layer;
        const weights = keep(`${name}/weights`, shape, layer.weights);
        return {
          kind,
          name,
          weights,
          bias: vector(`${name}/bias`, layer.bias),
        };
      }
      case "batch-norm": {
        const { kind, name, epsilon } = layer;
        return {
          kind,
          name,
          epsilon,
          scale: vector(`${name}/scale`, layer.scale),
          offset: vector(`${name}/offset`, layer.offset),
          mean: vector(`${name}/runningMean`, layer.mean),
          variance: vector(`${name}/runningVariance`, layer.variance),
        };
      }
      case "activation": {
        const { kind, alpha } = layer;
        return { kind, alpha: alpha && vector(`alpha_of_layer_${i}`, alpha) };
      }
      default:
        return { ...layer };
    }
  });
  return encodeCheckpoint({ state: { layers: described }, tensors });
}
