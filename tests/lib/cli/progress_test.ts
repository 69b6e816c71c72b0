import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  createProgress,
  progressLine,
  remainingSeconds,
} from "../../../lib/cli/progress.ts";
import { hasTerminal, runInSandbox, runInTerminal } from "./run_in_sandbox.ts";

const FIXTURE = new URL("./fixtures/shows_progress.ts", import.meta.url);
const ignore = !await hasTerminal();

Deno.test("progressLine() shows bar, percent, loss, speed and time left", () => {
  const line = progressLine({
    label: "relu",
    fraction: 0.5,
    loss: 0.43219,
    imagesPerSecond: 1234.5,
    secondsLeft: 83.2,
  }, 79);
  equal(
    line,
    "relu [███████████░░░░░░░░░░░]  50 %  loss 0.4322  1235 images/s  ETA 1 min 23 s",
  );
});

Deno.test("progressLine() leaves out a loss that there is none of", () => {
  const state = { label: "x", fraction: 1, secondsLeft: undefined };
  equal(
    progressLine({ ...state, imagesPerSecond: 1 }, 79),
    `x [${"█".repeat(30)}] 100 %  1 images/s`,
  );
});

Deno.test("progressLine() leaves out the speed where no images are counted", () => {
  equal(
    progressLine({ label: "x", fraction: 0.5, secondsLeft: 2 }, 79),
    `x [${"█".repeat(15)}${"░".repeat(15)}]  50 %  ETA 2.0 s`,
  );
});

Deno.test("progressLine() shows what is under way in the place of the loss", () => {
  const state = { label: "x", fraction: 1, secondsLeft: undefined };
  equal(
    progressLine({ ...state, doing: "test 34 %", imagesPerSecond: 1 }, 79),
    `x [${"█".repeat(30)}] 100 %  test 34 %  1 images/s`,
  );
});

Deno.test("progressLine() fills the bar only at the end", () => {
  const state = {
    label: "x",
    loss: NaN,
    imagesPerSecond: 1,
    secondsLeft: undefined,
  };
  equal(
    progressLine({ ...state, fraction: 0.9999 }, 79),
    `x [${"█".repeat(29)}░]  99 %  loss NaN  1 images/s`,
  );
  equal(
    progressLine({ ...state, fraction: 1 }, 79),
    `x [${"█".repeat(30)}] 100 %  loss NaN  1 images/s`,
  );
});

Deno.test("progressLine() has no time left at the end, where an evaluation may go on", () => {
  const state = { label: "x", fraction: 1, secondsLeft: 0 };
  equal(
    progressLine({ ...state, doing: "test 34 %", imagesPerSecond: 1 }, 79),
    `x [${"█".repeat(30)}] 100 %  test 34 %  1 images/s`,
  );
});

Deno.test("progressLine() stays within its width", () => {
  fc.assert(fc.property(
    fc.record({
      label: fc.string({ maxLength: 100 }),
      fraction: fc.double({ min: 0, max: 1, noNaN: true }),
      loss: fc.double(),
      imagesPerSecond: fc.double(),
      secondsLeft: fc.option(fc.double({ min: 0 }), { nil: undefined }),
    }),
    fc.integer({ min: 10, max: 120 }),
    (state, width) => progressLine(state, width).length <= width,
  ));
});

Deno.test("remainingSeconds() leaves out the steps of the run that is resumed", () => {
  // 10 of 100 steps in 20 s, whether 0 or 900 were done before
  equal(remainingSeconds(20, 10, 90), 180);
  equal(remainingSeconds(20, 0, 90), undefined);
  equal(remainingSeconds(20, 10, 0), 0);
});

Deno.test("createProgress() prints a line each 30 s where there is no terminal", () => {
  const own = {
    isTerminal: Deno.stdout.isTerminal,
    now: performance.now,
    log: console.log,
  };
  let now = 0;
  const lines: string[] = [];
  Deno.stdout.isTerminal = () => false;
  performance.now = () => now;
  console.log = (line: string) => void lines.push(line);
  try {
    const options = { total: 400, done: 100, label: "net", enabled: true };
    using progress = createProgress(options);
    equal(progress.secondsLeft(), undefined);
    for (let step = 101; step <= 190; step++) {
      now += 1000;
      progress.update(step, { loss: 0.5, imagesPerSecond: 64 });
      if (step === 150) progress.stop(); // for a line of text, at 50 s
    }
    equal(progress.secondsLeft(), 210);
  } finally {
    Deno.stdout.isTerminal = own.isTerminal;
    performance.now = own.now;
    console.log = own.log;
  }
  deepEqual(lines, [
    "net  32 %  loss 0.5000  64 images/s  ETA 4 min 30 s",
    "net  45 %  loss 0.5000  64 images/s  ETA 3 min 40 s",
  ]);
});

Deno.test("createProgress() prints nothing at once in a pipe", async () => {
  const { code, stdout, stderr } = await runInSandbox(FIXTURE);
  deepEqual([code, stdout, stderr], [0, "[80,false,false]\na line\n", ""]);
});

Deno.test({
  name:
    "createProgress() prints nothing when it is not enabled (skipped without `script`)",
  ignore,
  async fn() {
    const { stdout } = await runInTerminal(FIXTURE, ["quiet"]);
    equal(stdout.split("\r\n").slice(1).join("\n"), "a line\n");
  },
});

Deno.test({
  name:
    "createProgress() draws at most 80 columns and leaves a clear line (skipped without `script`)",
  ignore,
  async fn() {
    const { code, stdout, stderr } = await runInTerminal(FIXTURE);
    deepEqual([code, stderr], [0, ""]);
    const [, first = "", second = ""] = stdout.split("\r\n");
    // each half: frames, then the line is erased from its first column
    const ERASED = "\x1b[1G\x1b[2K";
    ok(first.endsWith(`${ERASED}a line`), first);
    ok(second.endsWith(ERASED), second);
    const frames = (first + second).split("\x1b[1G")
      // deno-lint-ignore no-control-regex -- escape codes are what is tested
      .map((frame) => frame.replace(/\x1b(\[\d*[A-Z]|[78])/g, ""))
      .filter((frame) => frame.startsWith("net ["));
    ok(frames.length >= 3, `${frames.length} frames`);
    ok(frames.every((frame) => frame.length < 80));
    ok(frames[0]!.endsWith(" 25 %  starting"), "10 of 40 steps");
    const later = frames.filter((frame) => !frame.includes(" 25 %"));
    ok(later.every((frame) => frame.includes("loss")), `${later[0]}`);
    ok(frames.at(-1)!.includes("100 %  loss 0.0250  1235 images/s"));
  },
});
