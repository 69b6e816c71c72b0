/**
 * Seconds that one net of the alpha sweep takes, from its first step to its
 * test accuracy, beside PyTorch's: each measurement in a process of its own, in
 * rounds whose order alternates. Nothing else should run meanwhile.
 *
 *   deno task bench:alpha-net
 *
 * Needs Debian's python3-torch and libopenblas0-pthread. Ours is one thread,
 * since the sweep trains one net per core.
 */
import { maxOf, minOf } from "../lib/base/statistics.ts";
import { booleanFlag, flag, integer } from "../lib/cli/flags.ts";
import { parseFlags } from "../lib/cli/command_line.ts";
import { createOutput } from "../lib/cli/output.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { median } from "./paired.ts";
import { runOurs, runPython } from "./run_program.ts";

const PROGRAMS = {
  "ours, 1 thread": () =>
    runOurs<Measurement>(
      "scripts/alpha_sweep.ts --lambda 0.02 " +
        "--runs 1 --subsets 1 --quiet --json --force --out runs/bench-alpha-net",
    ),
  "PyTorch, 1 thread": () =>
    runPython<Measurement>("bench/pytorch/alpha_net.py --threads 1"),
  "PyTorch, 2 threads": () =>
    runPython<Measurement>("bench/pytorch/alpha_net.py --threads 2"),
};

type Contender = keyof typeof PROGRAMS;

/** What one process printed: the script's result, or the twin's. */
type Measurement = { secondsPerNet: number } | { seconds: number; cpu: string };

const FLAGS = {
  rounds: flag(integer({ min: 1 }), {
    default: 3,
    describe: "measurements of each program",
  }),
  json: booleanFlag({ describe: "print the numbers as JSON in the last line" }),
};

async function main() {
  const { rounds, json } = parseFlags(
    "bench:alpha-net",
    "Times one net of the alpha sweep against PyTorch's.",
    FLAGS,
    Deno.args,
  );
  const output = createOutput({ quiet: false, json });
  const contenders = Object.keys(PROGRAMS) as Contender[];
  const seconds = new Map<Contender, number[]>();
  let cpu = "";
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of order) {
      const result = await PROGRAMS[contender]();
      if ("cpu" in result) cpu = result.cpu;
      seconds.set(contender, [
        ...seconds.get(contender) ?? [],
        "secondsPerNet" in result ? result.secondsPerNet : result.seconds,
      ]);
    }
  }
  for (const contender of contenders) {
    const times = seconds.get(contender)!;
    const [low, high] = [minOf(times), maxOf(times)];
    output.log(
      `${contender.padEnd(18)} ${median(times).toFixed(2).padStart(6)} s` +
        ` (${low.toFixed(2)} to ${high.toFixed(2)})`,
    );
  }
  output.log(
    `${rounds} rounds; ${cpu}, ${navigator.hardwareConcurrency} cores`,
  );
  output.result({ cpu, seconds: Object.fromEntries(seconds) });
}

if (import.meta.main) await runMain(main);
