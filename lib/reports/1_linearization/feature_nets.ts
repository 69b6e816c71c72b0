import { resolve } from "node:path";
import { UsageError } from "../../base/errors.ts";
import { escapeMarkdown, formatDuration } from "../../base/format.ts";
import type { ImageDataset } from "../../data/image_dataset.ts";
import { holdsNet } from "../../run/find_run.ts";
import type { RunDirectory } from "../../run/run_directory.ts";
import { type Facts, readRunRecord } from "../../run/run_record.ts";
import { netDigest, netFile } from "../../train/net_files.ts";
import { type FashionNetOptions, REPORT_SETTINGS } from "./fashion_net.ts";

/** Images per step (§2). */
export const BATCH_SIZE = 100;

/** The run that nets are taken from by default. */
export const DEFAULT_FROM = "runs/fashion-alpha-report";

/** Where nets that the default lacks are looked for, with fitting settings. */
const OTHER_FROM = "runs/fashion-alpha";

/** A net of figures 15 to 17. */
export interface FeaturePlan extends FashionNetOptions {
  readonly name: string;
  readonly epochs: number;
}

/**
 * The three nets of figures 15 to 17.
 *
 * @param config.longEpochs those of the net with ReLU_α
 */
export function featurePlans(
  { epochs, longEpochs }: {
    readonly epochs: number;
    readonly longEpochs: number;
  },
): FeaturePlan[] {
  const plain = { ...REPORT_SETTINGS, lambda: null, epochs };
  return [
    { ...plain, name: "relu", activation: "relu" },
    { ...plain, name: "linear", activation: "linear" },
    {
      ...plain,
      activation: "relu-alpha",
      lambda: 0.5,
      name: `relu-alpha-0.5-${longEpochs}-epochs`,
      epochs: longEpochs,
    },
  ];
}

/** By a net's name, the directory that holds it; nets to train are left out. */
export type NetSources = ReadonlyMap<string, string>;

/**
 * Finds nets that other runs have trained.
 *
 * @param config the flags of these names
 * @param plans of all nets
 * @param dataset what they must have been trained on
 * @throws {UsageError} where `from` is `out`
 * @throws {Error} where nets that were asked for are of another data set
 */
export function findNets(
  { from, out, seed }: {
    readonly from: string;
    readonly out: string;
    readonly seed: number;
  },
  plans: readonly FeaturePlan[],
  dataset: Pick<ImageDataset, "name" | "train">,
): NetSources {
  if (resolve(from) === resolve(out)) {
    throw new UsageError(
      `Cannot parse --from: expected another directory than --out: got ${
        JSON.stringify(from)
      }`,
    );
  }
  const { name } = dataset;
  if (from !== DEFAULT_FROM) {
    const trained = plans.some((plan) => holdsNet(from, netFile(plan), {}))
      ? readRunRecord(from).config.dataset
      : name;
    if (trained === name) return new Map(plans.map(({ name }) => [name, from]));
    throw new Error(
      `Cannot load nets of ${from}: they must be trained on ${name}: got ${trained}`,
    );
  }
  return new Map(plans.flatMap((plan) => {
    const settings = settingsOf(plan, dataset, seed);
    const file = netFile(plan);
    const source = holdsNet(from, file, { dataset: name })
      ? from
      : holdsNet(OTHER_FROM, file, settings)
      ? OTHER_FROM
      : undefined;
    return source === undefined ? [] : [[plan.name, source] as const];
  }));
}

/**
 * What the record of a run of fashion-alpha must say for its net to be ours;
 * activation and λ are in the net's name.
 */
export function settingsOf(
  plan: FeaturePlan,
  dataset: Pick<ImageDataset, "name" | "train">,
  seed: number,
): Facts {
  const { name: _name, activation: _activation, lambda: _lambda, ...settings } =
    plan;
  return {
    ...settings,
    batchSize: BATCH_SIZE,
    dataset: dataset.name,
    trainSize: dataset.train.count,
    seed,
  };
}

/**
 * SHA-256 of the nets that other runs trained: they decide the results.
 *
 * @throws {Error} where one of them cannot be read
 */
export function netDigests(
  sources: NetSources,
  plans: readonly FeaturePlan[],
): string | Record<string, string> {
  if (sources.size === 0) return "of this run";
  return Object.fromEntries(
    plans.filter(({ name }) => sources.has(name)).map((plan) => {
      const path = `${sources.get(plan.name)}/${netFile(plan)}`;
      try {
        return [plan.name, netDigest(path)];
      } catch (error) {
        const { message } = error as Error;
        throw new Error(
          `${message}: deno task fashion-alpha:report makes all nets`,
          { cause: error },
        );
      }
    }),
  );
}

/** The file of a net, in the run that trained it. */
export function sourceFile(
  sources: NetSources,
  run: Pick<RunDirectory, "file">,
  plan: FeaturePlan,
): string {
  const file = netFile(plan);
  const source = sources.get(plan.name);
  return source === undefined ? run.file(file) : `${source}/${file}`;
}

/** A sentence on each run that nets were taken from, as Markdown. */
export function sourceNotes(
  sources: NetSources,
  plans: readonly FeaturePlan[],
): string[] {
  return [...Map.groupBy(sources, ([, source]) => source)].map(
    ([source, taken]) => {
      const names = taken.map(([name]) => name).join(", ");
      const which = taken.length < plans.length ? ` (${names})` : "";
      return `The nets are those of ${
        escapeMarkdown(source)
      }${which}, as they were trained there: --epochs, --train-size and --seed say nothing of them.`;
    },
  );
}

/** About how long an epoch of 60,000 images takes on 2 cores, in seconds. */
const SECONDS_PER_EPOCH = 50;

/**
 * What is said before nets are trained.
 *
 * @param lacking the nets that no run has
 * @param from where they were looked for
 * @param count training images
 */
export function trainingText(
  lacking: readonly FeaturePlan[],
  from: string,
  count: number,
): string {
  const names = lacking.map(({ name }) => name).join(", ");
  const epochs = lacking.reduce((sum, plan) => sum + plan.epochs, 0);
  const seconds = epochs * SECONDS_PER_EPOCH * count / 60_000;
  return `neither ${from} nor ${OTHER_FROM} has ${names}: training them, ${epochs} epochs, about ${
    formatDuration(seconds)
  } on 2 cores; deno task fashion-alpha:report makes them for good`;
}
