/**
 * Times a training step of a workload, from the batch's pixels to the updated
 * parameters, with the loop of lib/train.
 *
 *   deno task bench:step --workload fashion-alpha --threads 2 --steps 50 --json
 */
import { backendLines, startBackend } from "../lib/backend/start_backend.ts";
import { createRandom } from "../lib/base/random.ts";
import { parseFlags } from "../lib/cli/command_line.ts";
import { booleanFlag, choice, flag, integer } from "../lib/cli/flags.ts";
import { createOutput } from "../lib/cli/output.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { takeFirst } from "../lib/data/image_dataset.ts";
import { fit } from "../lib/train/fit.ts";
import { WORKLOADS } from "./workloads/workloads.ts";

type Name = keyof typeof WORKLOADS;

const FLAGS = {
  workload: flag(choice(Object.keys(WORKLOADS) as Name[]), {
    default: "fashion-alpha",
    describe: "net to train",
  }),
  threads: flag(integer({ min: 1, max: 8 }), {
    default: Math.min(8, navigator.hardwareConcurrency),
    describe: "threads that compute",
  }),
  simd: flag(choice(["auto", "wide", "relaxed", "simd128"]), {
    default: "auto",
    describe: "the kernels' build",
  }),
  steps: flag(integer({ min: 1 }), {
    default: 50,
    describe: "steps to time, after as many that warm everything up",
  }),
  json: booleanFlag({ describe: "print nothing but one line of JSON" }),
};

/** Steps before the first that is timed, at least: V8 optimizes by use, so a
 * small net's many short steps want more of them. */
const MIN_WARM_UP = 10;

async function main() {
  const { workload, threads, simd, steps, json } = parseFlags(
    "bench:step",
    "Times a training step.",
    FLAGS,
    Deno.args,
  );
  using cleanup = new DisposableStack();
  const backend = await startBackend({
    threads,
    simd: simd === "auto" ? undefined : simd,
  });
  cleanup.defer(() => backend.stop());
  const random = createRandom(0);
  const { net, dataset, batchSize } = await WORKLOADS[workload](random);
  const warmUp = Math.max(MIN_WARM_UP, steps);
  const times: number[] = [];
  let last = performance.now();
  const count = Math.min(dataset.train.count, batchSize * (warmUp + steps));
  const stepsPerEpoch = Math.floor(count / batchSize);
  await fit(net, {
    ...dataset,
    train: takeFirst(dataset.train, stepsPerEpoch * batchSize),
    test: takeFirst(dataset.test, 1),
  }, {
    epochs: Math.ceil((warmUp + steps) / stepsPerEpoch),
    batchSize,
    random,
    events: {
      step({ step }) {
        const now = performance.now();
        if (step > warmUp) times.push(now - last);
        last = now;
      },
    },
  });
  const sorted = times.slice(0, steps).sort((a, b) => a - b);
  const round = (ms: number) => Number(ms.toPrecision(5));
  const msPerStep = {
    median: round(sorted[sorted.length >> 1]!),
    min: round(sorted[0]!),
    max: round(sorted[sorted.length - 1]!),
  };
  const output = createOutput({ quiet: json, json });
  output.log(backendLines(backend));
  output.log(
    `${workload}: ${msPerStep.median} ms a step (${msPerStep.min} to ${msPerStep.max}), batch ${batchSize}`,
  );
  output.result({
    workload,
    threads: backend.threads,
    simd: backend.simd,
    batchSize,
    msPerStep,
  });
}

if (import.meta.main) await runMain(main);
