import { deepEqual, equal, ok } from "node:assert/strict";
import {
  backendLines,
  describeBackend,
} from "../../../lib/backend/start_backend.ts";

Deno.test("backendLines() stays within a narrow terminal", () => {
  const backend = { simd: "relaxed", fusedMultiplyAdd: true, threads: 2 };
  const lines = backendLines(backend as never, 40).split("\n");
  ok(lines.every((line) => line.length <= 40 && line.startsWith("  ")));
  equal(lines.length, 4);
  equal(lines.at(-2), "  2 threads, relaxed SIMD, multiply-add");
});

Deno.test("a run of 256 bits pins what one of 128 does, and its environment tells them apart", () => {
  const facts = { threads: 1, kernels: "5a", fusedMultiplyAdd: true };
  const [wide, relaxed, fixed] = (["wide", "relaxed", "simd128"] as const)
    .map((simd) => ({ ...facts, simd }));
  deepEqual(describeBackend(wide!).pinned, describeBackend(relaxed!).pinned);
  equal(describeBackend(wide!).pinned.simd, "relaxed");
  equal(describeBackend(fixed!).pinned.simd, "simd128");
  deepEqual(
    [wide!, relaxed!, fixed!].map((one) =>
      describeBackend(one).environment.vectorBits
    ),
    [256, 128, 128],
  );
  const [, line] = backendLines(wide!, 80).split("\n");
  equal(
    line,
    "  1 thread, relaxed SIMD, 256 bits wide, multiply-add rounds once",
  );
});
