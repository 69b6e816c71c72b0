import assert from "node:assert/strict";
import {
  compare,
  stepTable,
  type Timing,
  timingLines,
} from "../bench/pytorch/step_table.ts";
import { ROOT } from "./project_files.ts";

const [OLD, NEW] = ["/usr/bin/python3", "/opt/torch/python"];

const VERSIONS = new Map([[OLD, "1.13.0a0"], [NEW, "2.6.0+debian"]]);

const TIMINGS: Timing[] = [
  { python: OLD, layout: "channels-first", threads: 2, ms: [60, 50, 70] },
  { python: OLD, layout: "channels-last", threads: 2, ms: [90, 90, 90] },
  { python: OLD, layout: "channels-first", threads: 1, ms: [80, 80, 80] },
  { python: NEW, layout: "channels-first", threads: 2, ms: [50, 50, 50] },
  { python: NEW, layout: "channels-last", threads: 1, ms: [40, 48, 10] },
  { threads: 2, ms: [20, 12, 10] },
  { threads: 1, ms: [30, 30, 30] },
];

const RESULT = { workload: "fashion-alpha", bound: 0.65, timings: TIMINGS };

async function run(command: string, args: readonly string[]) {
  const { code, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr).trim() };
}

Deno.test("compare() divides ours on two threads, round by round, by the fastest PyTorch", () => {
  const { theirs, ratio } = compare(TIMINGS);
  assert.equal(theirs, TIMINGS[4]); // by the median of 40, and not by one 10
  assert.deepEqual(ratio, { median: 0.5, min: 0.25, max: 1 });
});

Deno.test("stepTable() has a column for each PyTorch, and 80 columns", () => {
  const table = stepTable(
    [{ ...RESULT, workload: "alpha-sweep-net" }],
    VERSIONS,
  );
  assert.equal(
    table,
    "| workload        | torch 1.13 | torch 2.6 | ours |            ratio | bound |\n" +
      "| --------------- | ---------: | --------: | ---: | ---------------: | ----: |\n" +
      "| alpha-sweep-net |     60 (2) |    40 (1) |   12 | 0.50 (0.25–1.00) |  0.65 |",
  );
  assert.ok(table.split("\n").every((line) => [...line].length <= 80));
});

Deno.test("timingLines() names program, layout, threads and range", () => {
  const [name, ...lines] = timingLines(RESULT, VERSIONS).split("\n");
  assert.equal(name, "fashion-alpha");
  assert.equal(lines.length, TIMINGS.length);
  assert.match(
    lines[4]!,
    /torch 2\.6 channels-last +1 thread +40 ms \(10–48\)/,
  );
  assert.match(lines[5]!, /ours +2 threads +12 ms \(10–20\)/);
});

Deno.test("bench:pytorch says how to allow another PyTorch, and then runs it with an allocator that keeps its pages", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const python = `${directory}/python`;
    await Deno.writeTextFile(
      python,
      '#!/bin/sh\necho "no torch: $MALLOC_MMAP_THRESHOLD_ $MALLOC_TRIM_THRESHOLD_ $MALLOC_TOP_PAD_: $*" >&2\nexit 1\n',
      { mode: 0o755 },
    );
    const refused = await run(
      "deno",
      `run -q --no-prompt -P=bench bench/pytorch.ts --workload fashion-alpha --python ${python}`
        .split(" "),
    );
    assert.equal(refused.code, 2, refused.stderr);
    const form = /^Cannot run .*: it must be allowed, as by deno (run .*): got/;
    const [, advice] = form.exec(refused.stderr) ?? assert.fail(refused.stderr);
    const allowed = await run("deno", advice!.split(" "));
    assert.equal(allowed.code, 1, allowed.stderr);
    assert.match(
      allowed.stderr,
      /no torch: 8589934592 17179869184 1073741824: bench\/pytorch\/step\.py --workload fashion-alpha --threads 2 --steps 20 --json$/,
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

const python = "/usr/bin/python3";

/** PyTorch is needed for benches alone; so this test may have to do without. */
async function hasTorch(): Promise<boolean> {
  try {
    const find =
      'import importlib.util as i, sys; sys.exit(not i.find_spec("torch"))';
    return (await run(python, ["-c", find])).code === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test({
  name: "PyTorch's fastest nets have the reports' losses, within 1e-4 of them",
  ignore: !await hasTorch(),
  async fn() {
    const result = await run(python, ["-B", "bench/pytorch/same_net.py"]);
    assert.deepEqual(result, { code: 0, stderr: "" });
  },
});
