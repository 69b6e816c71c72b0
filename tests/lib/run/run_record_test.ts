import assert from "node:assert/strict";
import {
  compareRecords,
  createRunRecord,
} from "../../../lib/run/run_record.ts";

Deno.test("compareRecords() names flags, then data, then the environment", () => {
  const a = createRunRecord(
    {
      config: { learningRate: 0.1, lambda: [0.5], seed: 1, clampAlpha: true },
      pinned: { task: "nine", sha256: { images: "a" } },
    },
    { threads: 1, deno: "2.9.6" },
    [],
  );
  const b = createRunRecord(
    {
      config: { learningRate: 0.2, lambda: [0.5], seed: 1, epochs: 2 },
      pinned: { task: "nine", sha256: { images: "b" } },
    },
    { threads: 2, deno: "2.9.6" },
    [],
  );
  assert.deepEqual(compareRecords(a, b), [
    { name: "--learning-rate", a: 0.1, b: 0.2 },
    { name: "--clamp-alpha", a: true, b: undefined },
    { name: "--epochs", a: undefined, b: 2 },
    { name: "sha256", a: { images: "a" }, b: { images: "b" } },
    { name: "threads", a: 1, b: 2 },
  ]);
  assert.deepEqual(compareRecords(a, structuredClone(a)), []);
});
