import { deepEqual, equal, match, ok } from "node:assert/strict";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createLiveChart } from "../../../lib/cli/live_chart.ts";
import { hasTerminal, runInSandbox, runInTerminal } from "./run_in_sandbox.ts";
import { hasTmux, startTmux } from "./tmux.ts";
import { screenOf } from "../charts/screen_of.ts";

const FIXTURE = new URL(
  "../charts/fixtures/shows_live_chart.ts",
  import.meta.url,
);
const ignore = !await hasTerminal();
const TEXT = ["before", "epoch 1", "epoch 2", "after"];

Deno.test("screenOf() moves, overwrites and clears", () => {
  deepEqual(screenOf("a\r\nbc\r\n\x1b[1m\x1b[2AX\x1b[2GY"), ["XY", "bc"]);
  deepEqual(screenOf("ab\ncd\nef\x1b[1A\x1b[1G\x1b[0J"), ["ab"]);
  deepEqual(screenOf("ab\x1b7cd\x1b8X\x1b[0K\n\nY\x1b[2K"), ["abX"]);
});

Deno.test("createLiveChart() prints nothing in a pipe", async () => {
  const { code, stdout, stderr } = await runInSandbox(FIXTURE);
  deepEqual([code, stdout, stderr], [0, `${TEXT.join("\n")}\n`, ""]);
});

Deno.test({
  name:
    "createLiveChart() prints nothing when it is not enabled (skipped without `script`)",
  ignore,
  async fn() {
    const { stdout } = await runInTerminal(FIXTURE, ["quiet"]);
    equal(stdout, `${TEXT.join("\r\n")}\r\n`);
  },
});

Deno.test({
  name:
    "createLiveChart() redraws its chart in place and leaves only the text (skipped without `script`)",
  ignore,
  async fn() {
    const start = performance.now();
    const { code, stdout } = await runInTerminal(FIXTURE);
    const seconds = (performance.now() - start) / 1000;
    equal(code, 0);
    deepEqual(screenOf(stdout), TEXT);
    ok(!stdout.includes("\x1b[?25l"), "the cursor stays visible");

    const charts = stdout.split("chart after step ").slice(1);
    ok(charts.length >= 4, `${charts.length} charts`);
    // one more at the start and after each line of text
    ok(charts.length <= 2 * seconds + 3, `${charts.length} in ${seconds} s`);
    deepEqual(
      charts.map((chart) => parseInt(chart)).filter((step) =>
        [1, 13, 25].includes(step)
      ),
      [1, 13, 25],
      "there is one at once",
    );
  },
});

Deno.test({
  name:
    "createLiveChart() draws below the text and above the bar (skipped without `script`)",
  ignore,
  async fn() {
    const { stdout } = await runInTerminal(FIXTURE);
    // up to the last time that the bar is drawn
    const end = stdout.indexOf("\x1b", stdout.lastIndexOf("training ["));
    const screen = screenOf(stdout.slice(0, end));
    deepEqual(screen.slice(0, 3), TEXT.slice(0, 3));
    match(screen[3]!, /^chart after step \d+$/);
    equal(screen[4], "─●─ ReLU");
    equal(screen.at(-2)!.trim(), "step");
    match(screen.at(-1)!, /^training \[█+\] 100 %/);
    ok(
      screen.every((line) => [...line].length < 80),
      "the last column is free",
    );
    equal(screen.filter((line) => line.startsWith("chart")).length, 1);
    equal(screen.filter((line) => line.startsWith("training")).length, 1);
  },
});

Deno.test({
  name:
    "createLiveChart() shows no chart that the terminal is too small for (skipped without `script`)",
  ignore,
  async fn() {
    const { stdout } = await runInTerminal(FIXTURE, ["tall"]);
    ok(!stdout.includes("tall"));
    ok(stdout.includes("training ["));
    deepEqual(screenOf(stdout), TEXT);
  },
});

Deno.test({
  name:
    "createLiveChart() clears its chart when the training fails (skipped without `script`)",
  ignore,
  async fn() {
    const { code, stdout } = await runInTerminal(FIXTURE, ["throw"]);
    equal(code, 1);
    const screen = screenOf(stdout);
    deepEqual(screen.slice(0, TEXT.length), TEXT);
    match(screen[TEXT.length]!, /the end/);
  },
});

Deno.test({
  name:
    "createLiveChart() leaves no chart in the history of tmux (skipped without `tmux`)",
  ignore: !await hasTmux(),
  async fn() {
    const command = ["run", "-q", fileURLToPath(FIXTURE), "full"];
    await using screen = await startTmux(command);
    const history = await screen.waitFor(/^after$/m);
    const lines = history.split("\n").filter((line) => line.trim() !== "");
    deepEqual(lines, TEXT);
  },
});

Deno.test("createLiveChart() finds the lines that a narrower terminal has broken", () => {
  let columns = 81;
  const written: string[] = [];
  const own = {
    isTerminal: Deno.stdout.isTerminal,
    consoleSize: Deno.consoleSize,
    write: process.stdout.write,
  };
  Deno.stdout.isTerminal = () => true;
  Deno.consoleSize = () => ({ columns, rows: 24 });
  process.stdout.write = (text: unknown) => written.push(`${text}`) > 0;
  try {
    using live = createLiveChart({
      enabled: true,
      progress: { stop() {} },
      draw: ({ width }) => `\x1b[94m${"x".repeat(width)}\x1b[0m\n`,
    });
    live.update();
    columns = 41;
    live.clear();
    live.update();
    columns = 30;
    live.clear();
    live.update();
  } finally {
    Deno.stdout.isTerminal = own.isTerminal;
    Deno.consoleSize = own.consoleSize;
    process.stdout.write = own.write;
  }
  const chart = (width: number) =>
    `\x1b[94m${"x".repeat(width)}\x1b[0m\x1b[0K\n\x1b[0K\n`;
  const cleared = `\r\x1b[4A${"\x1b[0K\n".repeat(4)}\x1b[0K\x1b[4A`;
  deepEqual(written, [
    chart(80),
    cleared, // 80 characters in 2 rows, an empty line, 78 of the bar in 2 rows
    chart(40),
    cleared, // 40 in 2 rows, an empty line, 38 of the bar in 2 rows
    // and then the terminal is too narrow
  ]);
});
