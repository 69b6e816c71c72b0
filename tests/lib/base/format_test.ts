import { equal } from "node:assert/strict";
import {
  escapeMarkup,
  formatDuration,
  formatFixed,
  formatPercent,
  formatPoints,
  formatSigned,
  minusSigns,
} from "../../../lib/base/format.ts";

const CASES: readonly [seconds: number, text: string][] = [
  [0, "0.0 s"],
  [4.24, "4.2 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
  [59.4, "59 s"],
  [59.5, "1 min 0 s"],
  [83, "1 min 23 s"],
  [3599.4, "59 min 59 s"],
  [3599.6, "1 h 00 min"],
  [7500, "2 h 05 min"],
  [7199, "2 h 00 min"],
  [100 * 3600, "100 h 00 min"],
  [Infinity, "?"],
  [NaN, "?"],
];

for (const [seconds, text] of CASES) {
  Deno.test(`formatDuration() makes ${seconds} s "${text}"`, () => {
    equal(formatDuration(seconds), text);
  });
}

Deno.test("formatSigned() and formatFixed() give no sign of zero but +", () => {
  equal(formatSigned(-0.004, 2), "+0.00");
  equal(formatSigned(-0.005001, 2), "−0.01");
  equal(formatFixed(-0.004, 2), "0.00");
  equal(formatFixed(-1.234, 2), "−1.23");
  equal(formatFixed(1.234, 2), "1.23");
});

Deno.test("formatPercent() and formatPoints() round shares to 2 decimals, or as told", () => {
  equal(formatPercent(1), "100.00 %");
  equal(formatPercent(0.93249), "93.25 %");
  equal(formatPercent(0.93249, 0), "93 %");
  equal(formatPoints(0.005), "+0.50 points");
  equal(formatPoints(-0.0631, 1), "−6.3 points");
  equal(formatPoints(-1e-6), "+0.00 points");
});

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
      ["runs/lr-1e-4 and runs/2e-7", "runs/lr-1e-4 and runs/2e-7"],
      ["runs/test-0b1f8c3e-4d20-4c1e", "runs/test-0b1f8c3e-4d20-4c1e"],
      ["relu-alpha-1e-5-no-penalty", "relu-alpha-1e-5-no-penalty"],
      ["-1e-7 to ±12.5e-10, λ=.5e-3", "−1e−7 to ±12.5e−10, λ=.5e−3"],
      ["", ""],
    ] as const
  ) equal(minusSigns(text), expected);
});

Deno.test("escapeMarkup() leaves nothing that markup or XML would not take", () => {
  equal(
    escapeMarkup(`a & <b> "c" 'd' λ 😀\t\n`),
    "a &#38; &#60;b&#62; &#34;c&#34; 'd' λ 😀\t\n",
  );
  equal(
    escapeMarkup("a\0b\x1bc\x0bd\uffffe\ud800f"),
    "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf",
  );
});
