import assert from "node:assert/strict";
import {
  compareRecords,
  compareTables,
} from "../../../lib/run/compare_runs.ts";
import type { RunTable } from "../../../lib/run/run_table.ts";
import { createRunRecord } from "../../../lib/run/run_record.ts";

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

function table(...rows: Record<string, string>[]): RunTable {
  const ids = ["net", "seed"];
  const measures = Object.keys(rows[0]!).filter((name) => !ids.includes(name));
  return { ids, measures, rows };
}

Deno.test("compareTables() pairs what both measured of a net, whatever its row", () => {
  const a = table(
    { net: "relu", seed: "0", epoch: "3", loss: "0.5", only: "1" },
    { net: "linear", seed: "0", epoch: "3", loss: "", only: "1" },
    { net: "pnn", seed: "0", epoch: "3", loss: "1", only: "1" },
  );
  const b = table(
    { net: "tanh", seed: "0", epoch: "5", loss: "9" },
    { net: "linear", seed: "0", epoch: "5", loss: "0.1" },
    { net: "relu", seed: "0", epoch: "5", loss: "0.25" },
  );
  assert.deepEqual(compareTables(a, b), {
    pairs: [
      { net: "relu", quantity: "epoch", a: 3, b: 5 },
      { net: "relu", quantity: "loss", a: 0.5, b: 0.25 },
      { net: "linear", quantity: "epoch", a: 3, b: 5 },
    ],
    onlyA: ["pnn"],
    onlyB: ["tanh"],
  });
});

Deno.test("compareTables() pairs single nets of any names and seeds", () => {
  const a = table({ net: "relu", seed: "0", loss: "1" });
  const b = table({ net: "linear", seed: "1", loss: "2" });
  assert.deepEqual(compareTables(a, b), {
    pairs: [{ net: "", quantity: "loss", a: 1, b: 2 }],
    onlyA: [],
    onlyB: [],
  });
});
