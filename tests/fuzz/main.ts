/**
 * Calls every kernel of the backend with drawn tensors and attributes for some
 * minutes, and prints each call that writes outside of its tensors, or whose
 * result is off by more than its bound.
 *
 *   deno task fuzz --seed 1 --minutes 10
 *   deno task fuzz --seed 1 --kernel Reverse --first 3 --minutes 0
 */
import { startBackend } from "../../lib/backend/start_backend.ts";
import { UsageError } from "../../lib/base/errors.ts";
import { choice, flag, integer, number, text } from "../../lib/cli/flags.ts";
import { parseFlags } from "../../lib/cli/command_line.ts";
import { runMain } from "../../lib/cli/run_main.ts";
import { kernelContext } from "../../lib/wasm/kernel_context.ts";
import { fuzz } from "./fuzz.ts";
import { guardHeap } from "../guarded_heap.ts";
import { KERNEL_TABLE } from "./kernel_table.ts";

const FLAGS = {
  seed: flag(integer({ min: 0, max: 2 ** 32 - 1 }), {
    default: 0,
    describe: "seed of all calls",
  }),
  minutes: flag(number({ min: 0 }), {
    default: 10,
    describe: "minutes after which no further round of calls begins",
  }),
  kernel: flag(text(), {
    default: "all",
    describe: "kernel to call, or all of them",
  }),
  first: flag(integer({ min: 0 }), {
    default: 0,
    describe: "number of each kernel's first call",
  }),
  threads: flag(integer({ min: 1, max: 8 }), {
    default: 2,
    describe: "threads of the backend",
  }),
  simd: flag(choice(["wide", "relaxed", "simd128"]), {
    default: "wide",
    describe: "the kernels' build",
  }),
};

/** Calls of each kernel in a round. */
const ROUND = 20;

async function main() {
  const config = parseFlags(
    "fuzz",
    "Calls every kernel with drawn tensors, and compares with the cpu backend.",
    FLAGS,
    Deno.args,
  );
  const { seed, kernel, threads, simd } = config;
  if (kernel !== "all" && !KERNEL_TABLE[kernel]) {
    throw new UsageError(
      `Cannot fuzz ${kernel}: it must be a kernel of tests/fuzz/kernels`,
    );
  }
  const table = kernel === "all"
    ? KERNEL_TABLE
    : { [kernel]: KERNEL_TABLE[kernel]! };
  const backend = await startBackend({ threads, simd });
  const heap = guardHeap(backend);
  heap.guardScratch(kernelContext("fuzz"));
  const end = performance.now() + 60_000 * config.minutes;
  let from = config.first, calls = 0, faults = 0;
  do {
    const lines = await fuzz(table, heap, { seed, from, cases: ROUND });
    for (const line of lines) console.log(line);
    calls += ROUND * Object.keys(table).length;
    faults += lines.length;
    from += ROUND;
  } while (performance.now() < end);
  backend.stop();
  console.log(
    `${calls} calls of ${
      Object.keys(table).length
    } kernels, ${simd}, seed ${seed}: ${faults} faults`,
  );
  if (faults > 0) Deno.exitCode = 1;
}

if (import.meta.main) await runMain(main);
