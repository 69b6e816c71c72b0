import assert from "node:assert/strict";
import {
  decisiveFlags,
  refuseLargeBatch,
  runFlags,
  seedsOf,
} from "../../../lib/cli/run_flags.ts";

Deno.test("seedsOf() counts from --seed up to the generator's last", () => {
  assert.deepEqual(seedsOf({ seed: 3, seeds: 1 }), [3]);
  assert.deepEqual(seedsOf({ seed: 4294967294, seeds: 2 }), [
    ...[4294967294, 4294967295],
  ]);
  assert.throws(() => seedsOf({ seed: 4294967294, seeds: 3 }), {
    name: "UsageError",
    message:
      "Cannot parse --seeds: expected a last seed of at most 4294967295: got 4294967296",
  });
});

Deno.test("decisiveFlags() leaves out where and how a task runs", () => {
  const { out, force, resume, quiet, json, ...none } = runFlags("task");
  const indecisive = { out, force, resume, quiet, json };
  assert.deepEqual(none, {}, "a flag of every run that decides results");
  assert.deepEqual(
    decisiveFlags({
      ...{ ...indecisive, threads: 2, jobs: 2, live: true, onnx: true },
      ...{ epochs: 3, seed: 0, dataset: null },
    }),
    { epochs: 3, seed: 0, dataset: null },
  );
});

Deno.test("refuseLargeBatch() takes as many images as there are, and no more", () => {
  refuseLargeBatch({ batchSize: 5 }, { count: 5 });
  assert.throws(() => refuseLargeBatch({ batchSize: 6 }, { count: 5 }), {
    name: "UsageError",
    message:
      "Cannot parse --batch-size: expected at most the 5 training images: got 6",
  });
});
