/**
 * Training steps against PyTorch's, each measurement in a process of its own,
 * in rounds whose order alternates. Nothing else should run meanwhile.
 *
 *   deno task bench:pytorch
 *   deno task bench:pytorch --workload oct-mlp,mnist-mlp --rounds 3
 *
 * PyTorch runs at its best: an allocator that keeps its pages, F.prelu for
 * ReLU_α, images channels-first and channels-last, one thread and two. Ours is
 * compared with the fastest of them.
 *
 * Needs Debian's python3-torch and libopenblas0-pthread. `--python A,B` takes
 * commands that run other versions of PyTorch, with a blank between a command's
 * words; the task may start no other program, so for those it says what to
 * type. The files that such a command reads are below the current folder.
 */
import { UsageError } from "../lib/base/errors.ts";
import {
  booleanFlag,
  choice,
  flag,
  integer,
  listFlag,
  text,
} from "../lib/cli/flags.ts";
import { parseFlags } from "../lib/cli/command_line.ts";
import { createOutput } from "../lib/cli/output.ts";
import { runMain } from "../lib/cli/run_main.ts";
import {
  compare,
  stepTable,
  type Timing,
  timingLines,
  type WorkloadTimings,
} from "./pytorch/step_table.ts";
import { PYTHON, runOurs, runPython } from "./run_program.ts";

/** The most that our time may be of the fastest PyTorch's. */
const BOUNDS = {
  "fashion-alpha": 0.65,
  "mnist-convnet": 0.6,
  "mnist-mlp": 0.85,
  "oct-mlp": 0.8,
  "alpha-sweep-net": 0.45,
};

type Workload = keyof typeof BOUNDS;

const NAMES = Object.keys(BOUNDS) as Workload[];

/** Steps that a process times, after as many to warm up: some seconds. */
const STEPS: Record<Workload, number> = {
  "fashion-alpha": 20,
  "mnist-convnet": 15,
  "mnist-mlp": 150,
  "oct-mlp": 600,
  "alpha-sweep-net": 400,
};

/** Workloads whose images may lie channels-last. */
const CONVOLUTIONS: readonly Workload[] = [
  "fashion-alpha",
  "mnist-convnet",
  "alpha-sweep-net",
];

/** What one process printed. */
interface Measurement {
  msPerStep: { median: number };
  simd?: string;
  torch?: string;
  blas?: string;
  cpu?: string;
}

/** One program on so many threads, and what it printed in each round. */
type Contender = Omit<Timing, "ms"> & { readonly results: Measurement[] };

const FLAGS = {
  workload: listFlag(choice(NAMES), {
    default: NAMES,
    describe: "nets to train",
  }),
  rounds: flag(integer({ min: 1 }), {
    default: 5,
    describe: "measurements of each program",
  }),
  python: listFlag(text(), {
    default: [PYTHON],
    describe: "commands that run PyTorch's programs",
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
  refuseForbidden(config.python);
  const output = createOutput({ quiet: false, json: config.json });
  const workloads: WorkloadTimings[] = [];
  const versions = new Map<string, string>();
  const about: Record<string, string | number | undefined> = {
    date: new Date().toISOString().slice(0, 10),
    cores: navigator.hardwareConcurrency,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    commit: await commit(),
  };
  const libraries = new Set<string>();
  for (const workload of config.workload) {
    console.error(`${workload}: ${config.rounds} rounds`);
    const contenders = await measure(workload, config);
    for (const { python, results: [first] } of contenders) {
      const { simd, torch, blas, cpu } = first!;
      Object.assign(about, python ? { cpu } : { simd });
      if (!python) continue;
      versions.set(python, torch!);
      libraries.add(`PyTorch ${torch} (${blas})`);
    }
    const timings = contenders.map(({ results, ...contender }) => ({
      ...contender,
      ms: results.map(({ msPerStep }) => msPerStep.median),
    }));
    const measured = { workload, bound: BOUNDS[workload], timings };
    workloads.push(measured);
    output.log(timingLines(measured, versions));
  }
  output.log(`\n${stepTable(workloads, versions)}\n`);
  output.log(
    `Milliseconds per step, medians of ${config.rounds} rounds: PyTorch in its fastest form with
the number of its threads, ours on 2 threads; ratio: ours by the faster PyTorch,
median and range over the rounds.
${about.date}, ${about.cpu}, ${about.cores} cores; Deno ${about.deno}, V8 ${about.v8}, SIMD ${about.simd};
${[...libraries].join(",\n")}; commit ${about.commit}`,
  );
  output.result({
    ...about,
    torch: Object.fromEntries(versions),
    workloads: workloads.map((measured) => ({
      ...measured,
      ...compare(measured.timings),
    })),
  });
}

/** Refuses a program that the bench may not start, before anything is timed. */
function refuseForbidden(pythons: readonly string[]) {
  const programs = pythons.map((python) => python.split(" ")[0]!);
  const forbidden = programs.find((command) =>
    Deno.permissions.querySync({ name: "run", command }).state !== "granted"
  );
  if (forbidden === undefined) return;
  const allowed = [...new Set(["deno", ...programs])].join(",");
  const args = Deno.args.map((arg) => arg.includes(" ") ? `'${arg}'` : arg);
  throw new UsageError(
    `Cannot run ${forbidden}: it must be allowed, as by ` +
      `deno run -q --no-prompt --allow-read=. --allow-run=${allowed} ` +
      `bench/pytorch.ts ${args.join(" ")}: got no permission`,
  );
}

/** Runs every contender once a round, in one order and then in the other. */
async function measure(
  workload: Workload,
  { rounds, python }: { rounds: number; python: readonly string[] },
): Promise<Contender[]> {
  const layouts = CONVOLUTIONS.includes(workload)
    ? ["channels-first", "channels-last"] as const
    : [undefined];
  const contenders: Contender[] = ([2, 1] as const).flatMap((threads) => [
    ...python.flatMap((python) =>
      layouts.map((layout) => ({ python, layout, threads, results: [] }))
    ),
    { threads, results: [] },
  ]);
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of order) {
      contender.results.push(await run(workload, contender));
    }
  }
  return contenders;
}

function run(
  workload: Workload,
  { python, layout, threads }: Contender,
): Promise<Measurement> {
  const flags = `--workload ${workload} --threads ${threads} ` +
    `--steps ${STEPS[workload]} --json`;
  if (!python) return runOurs(`bench/step.ts ${flags}`);
  const last = layout === "channels-last" ? " --channels-last" : "";
  return runPython(`bench/pytorch/step.py ${flags}${last}`, python);
}

/** The commit that is checked out, as git keeps it, or unknown. */
async function commit(): Promise<string> {
  const read = async (path: string) => {
    try {
      return (await Deno.readTextFile(`.git/${path}`)).trim();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      // A linked work tree has a file .git, which names another directory.
      if (error instanceof Deno.errors.NotADirectory) return "";
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
