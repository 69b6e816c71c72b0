/**
 * Training steps against PyTorch's, each measurement in a process of its own,
 * in rounds whose order alternates. Nothing else should run meanwhile.
 *
 *   deno task bench:pytorch
 *   deno task bench:pytorch --workload oct-mlp,mnist-mlp --rounds 3
 *
 * Needs Debian's python3-torch and libopenblas0-pthread.
 */
import Table from "cli-table3";
import { maxOf, minOf } from "../lib/base/statistics.ts";
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
import { median } from "./paired.ts";
import { PYTHON, runProgram } from "./run_program.ts";

/** The most that our time may be of PyTorch's. */
const BOUNDS = {
  "fashion-alpha": 0.75,
  "mnist-convnet": 1,
  "mnist-mlp": 1.25,
  "oct-mlp": 1,
  "alpha-sweep-net": 0.75,
};

type Workload = keyof typeof BOUNDS;

/** Steps that a process times, after as many to warm up: some seconds. */
const STEPS: Record<Workload, number> = {
  "fashion-alpha": 20,
  "mnist-convnet": 15,
  "mnist-mlp": 150,
  "oct-mlp": 600,
  "alpha-sweep-net": 400,
};

const NAMES = Object.keys(BOUNDS) as Workload[];

const COMMANDS = {
  ours: "deno run -q --no-prompt -P=train bench/step.ts",
  report: `${PYTHON} -B bench/pytorch/step.py`,
  best: `${PYTHON} -B bench/pytorch/step.py --variant best`,
};

/** Ours, PyTorch as the reports write it, PyTorch at its best. */
type Program = keyof typeof COMMANDS;

/** What is timed: a program on so many threads. */
type Contender = `${Program} ${1 | 2}`;

/** What one process printed. */
interface Measurement {
  batchSize: number;
  msPerStep: { median: number };
  simd?: string;
  torch?: string;
  blas?: string;
  cpu?: string;
}

/** A workload's measurements: one per contender and round. */
type Rounds = Partial<Record<Contender, Measurement[]>>;

/** Ours on two threads against PyTorch on the better number of threads. */
interface Comparison {
  threads: 1 | 2;
  median: number;
  min: number;
  max: number;
}

const FLAGS = {
  workload: listFlag(choice(NAMES), {
    default: NAMES,
    describe: "nets to train",
  }),
  rounds: flag(integer({ min: 1 }), {
    default: 5,
    describe: "measurements of each program",
  }),
  json: booleanFlag({ describe: "print the numbers as JSON in the last line" }),
};

async function main() {
  const config = parseFlags(
    "bench:pytorch",
    "Times training steps against PyTorch's.",
    FLAGS,
    Deno.args,
  );
  const output = createOutput({ quiet: false, json: config.json });
  const rows: string[][] = [];
  const results: Record<string, unknown>[] = [];
  let last: Rounds = {};
  for (const workload of config.workload) {
    console.error(`${workload}: ${config.rounds} rounds`);
    const rounds = await measure(workload, config);
    const report = compare(rounds, "report");
    const bound = BOUNDS[workload];
    rows.push(rowOf(workload, rounds, "report", report, `≤ ${bound}`));
    const best = rounds["best 2"] && compare(rounds, "best");
    if (best) {
      rows.push(rowOf("with prelu, channels-last", rounds, "best", best, ""));
    }
    const ms = Object.fromEntries(
      Object.entries(rounds).map(([name, list]) => [name, list.map(msOf)]),
    );
    results.push({ workload, bound, report, best, ms });
    last = rounds;
  }
  const ours = last["ours 2"]![0]!;
  const theirs = last["report 2"]![0]!;
  const about = {
    date: new Date().toISOString().slice(0, 10),
    cpu: theirs.cpu,
    cores: navigator.hardwareConcurrency,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    simd: ours.simd,
    torch: theirs.torch,
    blas: theirs.blas,
    commit: await commit(),
  };
  output.log(drawTable(rows));
  output.log(
    `ms a step, medians of ${config.rounds} rounds; ratio: ours on 2 threads by\n` +
      `PyTorch on its better number of threads, median and range over the rounds.\n` +
      `${about.date}, ${about.cpu}, ${about.cores} cores; Deno ${about.deno}, V8 ${about.v8}, ` +
      `SIMD ${about.simd};\nPyTorch ${about.torch}, ${about.blas}; commit ${about.commit}`,
  );
  output.result({ ...about, workloads: results });
}

/** Runs every contender once a round, in one order and then in the other. */
async function measure(
  workload: Workload,
  { rounds }: { rounds: number },
): Promise<Rounds> {
  const contenders: Contender[] = ["ours 2", "report 2", "report 1", "ours 1"];
  if (workload === "fashion-alpha") contenders.push("best 2", "best 1");
  const results: Rounds = {};
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of order) {
      const [program, threads] = contender.split(" ") as [Program, string];
      const result = await runProgram<Measurement>(
        `${COMMANDS[program]} --workload ${workload} --threads ${threads} ` +
          `--steps ${STEPS[workload]} --json`,
      );
      (results[contender] ??= []).push(result);
    }
  }
  return results;
}

function msOf({ msPerStep }: Measurement): number {
  return msPerStep.median;
}

function medianMs(rounds: Rounds, contender: Contender): number {
  return median(rounds[contender]!.map(msOf));
}

function compare(rounds: Rounds, program: "report" | "best"): Comparison {
  const threads =
    medianMs(rounds, `${program} 2`) < medianMs(rounds, `${program} 1`) ? 2 : 1;
  const theirs = rounds[`${program} ${threads}`]!;
  const ratios = rounds["ours 2"]!.map((ours, i) =>
    msOf(ours) / msOf(theirs[i]!)
  );
  return {
    threads,
    median: median(ratios),
    min: minOf(ratios),
    max: maxOf(ratios),
  };
}

// deno-fmt-ignore -- as the table's head is printed
const HEAD = [
  "workload", "PyTorch 2 thr", "PyTorch 1 thr", "ours 2 thr", "ours 1 thr",
  "ratio", "bound",
];

/** With frame and padding, 80 columns. */
const WIDTHS = [17, 9, 9, 9, 9, 11, 8];

function rowOf(
  name: string,
  rounds: Rounds,
  program: "report" | "best",
  { median, min, max }: Comparison,
  bound: string,
): string[] {
  const ms = (contender: Contender) =>
    medianMs(rounds, contender).toPrecision(4).slice(0, 7);
  return [
    name,
    ms(`${program} 2`),
    ms(`${program} 1`),
    ms("ours 2"),
    ms("ours 1"),
    `${median.toFixed(2)} ${min.toFixed(2)}–${max.toFixed(2)}`,
    bound,
  ];
}

function drawTable(rows: readonly string[][]): string {
  const table = new Table({
    head: HEAD,
    colWidths: WIDTHS,
    colAligns: ["left", ...Array(HEAD.length - 1).fill("right")],
    wordWrap: true,
    style: { head: [], border: [] }, // [] for cli-table3's red and grey
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

/** The commit that is checked out, as git keeps it, or unknown. */
async function commit(): Promise<string> {
  const read = async (path: string) => {
    try {
      return (await Deno.readTextFile(`.git/${path}`)).trim();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  };
  const head = await read("HEAD");
  const ref = head.replace(/^ref: /, "");
  const hash = ref === head ? head : await read(ref) ||
    (await read("packed-refs")).split("\n")
      .find((line) => line.endsWith(` ${ref}`)) ||
    "";
  return hash.slice(0, 10) || "unknown";
}

if (import.meta.main) await runMain(main);
