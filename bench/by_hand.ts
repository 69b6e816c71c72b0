/**
 * Examples per second that report 3's question 1 is trained on, ours on one
 * thread beside numpy's with OpenBLAS on one: each measurement in a process of
 * its own, in rounds whose order alternates. Nothing else should run meanwhile.
 *
 *   deno task bench:by-hand
 *
 * Needs Debian's python3-numpy (python3-torch brings it) and
 * libopenblas0-pthread.
 */
import { maxOf, minOf } from "../lib/base/statistics.ts";
import { formatPercent } from "../lib/base/format.ts";
import {
  booleanFlag,
  choice,
  flag,
  integer,
  listFlag,
} from "../lib/cli/flags.ts";
import { parseFlags } from "../lib/cli/command_line.ts";
import { createOutput } from "../lib/cli/output.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { textTable } from "../lib/reporting/text_table.ts";
import { median } from "./paired.ts";
import { runOurs, runPython } from "./run_program.ts";

/** The least that our speed must be of numpy's, and examples of an epoch. */
const MODELS = {
  perceptron: { bound: 4, examples: 60_000 },
  logistic: { bound: 8, examples: 60_000 },
  mlp: { bound: 4, examples: 6_000 },
};

type ModelName = keyof typeof MODELS;

const NAMES = Object.keys(MODELS) as ModelName[];

const PROGRAMS = {
  ours: (flags: string) =>
    runOurs<Measurement>(
      `bench/by_hand/kernel_epoch.ts ${flags}`,
    ),
  numpy: (flags: string) =>
    runPython<Measurement>(`bench/by_hand/numpy_epoch.py ${flags}`),
};

/** What one process printed. */
interface Measurement {
  examplesPerSecond: number;
  shareOfPeak?: number;
  simd?: string;
  numpy?: string;
  blas?: string;
  cpu?: string;
}

const FLAGS = {
  model: listFlag(choice(NAMES), {
    default: NAMES,
    describe: "models to train",
  }),
  rounds: flag(integer({ min: 1 }), {
    default: 5,
    describe: "measurements of each program",
  }),
  json: booleanFlag({ describe: "print the numbers as JSON in the last line" }),
};

async function main() {
  const { model, rounds, json } = parseFlags(
    "bench:by-hand",
    "Times report 3's training by hand against numpy's.",
    FLAGS,
    Deno.args,
  );
  const output = createOutput({ quiet: false, json });
  const rows: string[][] = [];
  const results: Record<string, unknown>[] = [];
  let about = {};
  for (const name of model) {
    console.error(`${name}: ${rounds} rounds`);
    const { ours, numpy } = await measure(name, rounds);
    const ratios = ours.map(({ examplesPerSecond }, i) =>
      examplesPerSecond / numpy[i]!.examplesPerSecond
    );
    const speeds = [ours, numpy].map((list) =>
      median(list.map(({ examplesPerSecond }) => examplesPerSecond))
    );
    const share = median(ours.map(({ shareOfPeak }) => shareOfPeak!));
    const ratio = median(ratios);
    const range = [minOf(ratios), maxOf(ratios)];
    const { bound } = MODELS[name];
    rows.push([
      name,
      ...speeds.map((speed) => Math.round(speed).toLocaleString("en")),
      `${ratio.toFixed(1)} (${
        range.map((value) => value.toFixed(1)).join("–")
      })`,
      `≥ ${bound}`,
      share > 0 ? formatPercent(share, 0) : "",
    ]);
    results.push({ model: name, bound, ratio, range, share, speeds });
    const { simd } = ours[0]!;
    const { numpy: version, blas, cpu } = numpy[0]!;
    about = { cpu, deno: Deno.version.deno, simd, numpy: version, blas };
  }
  output.log(textTable({
    columns: ["model", "ours", "numpy", "ratio", "bound", "of peak"],
    rows,
    aligns: ["left", "right", "right", "right", "right", "right"],
  }));
  output.log(
    `Examples a second on one thread, medians of ${rounds} rounds; ratio: median and\n` +
      "range over the rounds; of peak: float32 multiply-adds against the machine's.\n" +
      `${new Date().toISOString().slice(0, 10)}, ${
        Object.entries(about).map(([key, value]) => `${key} ${value}`)
          .join(", ")
      }`,
  );
  output.result({ ...about, models: results });
}

/** Runs both programs once a round, in one order and then in the other. */
async function measure(name: ModelName, rounds: number) {
  const results = { ours: [] as Measurement[], numpy: [] as Measurement[] };
  const contenders = ["ours", "numpy"] as const;
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of order) {
      results[contender].push(
        await PROGRAMS[contender](
          `--model ${name} --examples ${MODELS[name].examples}`,
        ),
      );
    }
  }
  return results;
}

if (import.meta.main) await runMain(main);
