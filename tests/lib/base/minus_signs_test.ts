import { equal } from "node:assert/strict";
import { minusSigns } from "../../../lib/base/minus_signs.ts";

Deno.test("minusSigns() turns the hyphens of numbers, and no others", () => {
  for (
    const [text, expected] of [
      ["-0.5", "−0.5"],
      ["-.5 and (-3, -1e-7)", "−.5 and (−3, −1e−7)"],
      ["[-1, 3] to -Infinity", "[−1, 3] to −Infinity"],
      ["r = -0.12±-1", "r = −0.12±−1"],
      ["6.6E-7 %", "6.6E−7 %"],
      // names, ranges, dates, flags
      ["relu-alpha-0.5-12-epochs", "relu-alpha-0.5-12-epochs"],
      ["2026-11-30, 3-5, F-1, cifar-10", "2026-11-30, 3-5, F-1, cifar-10"],
      ["--seed, e-5, a - b, -", "--seed, e-5, a - b, -"],
      ["", ""],
    ] as const
  ) equal(minusSigns(text), expected);
});
