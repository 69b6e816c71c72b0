import { equal, ok } from "node:assert/strict";
import { backendLines } from "../../../lib/backend/start_backend.ts";

Deno.test("backendLines() stays within a narrow terminal", () => {
  const backend = { simd: "relaxed", fusedMultiplyAdd: true, threads: 2 };
  const lines = backendLines(backend as never, 40).split("\n");
  ok(lines.every((line) => line.length <= 40 && line.startsWith("  ")));
  equal(lines.length, 4);
  equal(lines.at(-2), "  2 threads, relaxed SIMD, multiply-add");
});
