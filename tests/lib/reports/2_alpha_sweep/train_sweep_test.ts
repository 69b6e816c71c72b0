import assert from "node:assert/strict";
import { createRandom } from "../../../../lib/base/random.ts";
import type { AlphaNetResult } from "../../../../lib/reports/2_alpha_sweep/alpha_net.ts";
import {
  finishedNets,
  sweepCheckpoint,
} from "../../../../lib/reports/2_alpha_sweep/train_sweep.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  loadCheckpoint,
} from "../../../../lib/run/checkpoint.ts";
import { readCsvLog } from "../../../../lib/run/csv_log.ts";
import { withRunDirectory } from "../../../e2e/run_task.ts";
import { screenOf } from "../../charts/screen_of.ts";
import { hasTerminal, runInTerminal } from "../../cli/run_in_sandbox.ts";
import { inTemporaryDirectory } from "../../../in_temporary_directory.ts";
import { readFiles } from "../../train/fixtures/read_files.ts";
import { finish, spawnFixture } from "../../train/fixtures/spawn_sandboxed.ts";

const FIXTURE = "../../reports/2_alpha_sweep/fixtures/sweep_fake_nets.ts";

const noTerminal = !await hasTerminal();

/** Starts the fixture, whose accidents need more than a sandbox allows. */
function start(directory: string, ...args: string[]): Deno.ChildProcess {
  return spawnFixture(FIXTURE, [directory, ...args], {
    cwd: directory,
    permissions: ["-A"],
  });
}

function sweep(directory: string, ...args: string[]) {
  return finish(start(directory, ...args));
}

const mode = (directory: string) =>
  Object.keys(readFilesIfThere(`${directory}/run`)).length > 0
    ? "resume"
    : "start";

function readFilesIfThere(path: string): Record<string, string> {
  try {
    return readFiles(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

/** The run's files, but for the seconds that it took. */
function filesOf(directory: string): Record<string, unknown> {
  const run = `${directory}/run`;
  const { "config.json": config, ...rest } = readFiles(run);
  const { seconds: _, ...record } = JSON.parse(config!);
  const { state, tensors } = loadCheckpoint(`${run}/checkpoint.safetensors`);
  const { seconds: __, ...saved } = state as Record<string, unknown>;
  return {
    ...rest,
    "config.json": record,
    "checkpoint.safetensors": { saved, tensors },
  };
}

/** The run's files after a sweep without accident. */
let whole: Record<string, unknown> | undefined;
async function wholeSweep(): Promise<Record<string, unknown>> {
  if (!whole) {
    await inTemporaryDirectory(async (directory) => {
      const { code, stderr } = await sweep(directory, "start", "1");
      assert.equal(stderr, "");
      assert.equal(code, 0);
      whole = filesOf(directory);
    });
  }
  return whole!;
}

Deno.test("trainSweep() leaves one row per net and one per point, in the plans' order", () =>
  inTemporaryDirectory(async (directory) => {
    const { stdout } = await sweep(directory, "start", "2");
    assert.match(stdout, /^subset 1 {2}λ 0.05 .* % of α at zero .*$/m);
    const nets = readCsvLog(`${directory}/run/sweep.csv`);
    assert.deepEqual(
      nets.map(({ subset, lambda, run }) => `${subset} ${lambda} ${run}`),
      ["0", "1"].flatMap((subset) =>
        ["0", "0.02", "0.05"].flatMap((lambda) =>
          ["0", "1"].map((run) => `${subset} ${lambda} ${run}`)
        )
      ),
    );
    const points = readCsvLog(`${directory}/run/trajectories.csv`);
    assert.equal(points.length, 12 * 11);
    for (const [subset, run] of [[0, 1], [1, 1]] as const) {
      const file = `net-subset-${subset}-lambda-0.05-run-${run}.safetensors`;
      const { tensors } = loadCheckpoint(`${directory}/run/${file}`);
      assert.deepEqual(
        Object.entries(tensors).map(([name, { data }]) => [name, ...data]),
        [["conv1/bias", subset + run]],
      );
    }
    assert.equal(
      points.slice(0, 11).map(({ epoch }) => epoch).join(),
      "0,0.5,1,1.5,2,2.5,3,3.5,4,4.5,5",
    );
    for (const [i, net] of nets.entries()) {
      const [first, last] = [points[11 * i]!, points[11 * i + 10]!];
      for (const layer of [1, 2, 3]) {
        const init = [0.05, 0.5, 1][layer - 1]!;
        assert.equal(net[`alpha_init_${layer}`], `${init}`);
        assert.equal(first[`alpha_${layer}`], `${init}`);
        assert.equal(net[`alpha_final_${layer}`], last[`alpha_${layer}`]);
      }
    }
  }));

Deno.test("trainSweep() gives the same bytes with 1, 2 and 5 jobs", async () => {
  const expected = await wholeSweep();
  for (const jobs of ["2", "5"]) {
    await inTemporaryDirectory(async (directory) => {
      assert.equal((await sweep(directory, "start", jobs)).code, 0);
      assert.deepEqual(filesOf(directory), expected, jobs);
    });
  }
});

Deno.test("trainSweep() killed at random moments and resumed gives the same bytes", async () => {
  const expected = await wholeSweep();
  const seed = 11;
  const random = createRandom(seed);
  await inTemporaryDirectory(async (directory) => {
    let kills = 0;
    for (let round = 0;; round++) {
      assert.ok(round < 60, "the sweep never ends");
      const child = start(directory, mode(directory), "2");
      const reader = child.stdout.getReader();
      await reader.read(); // the first line
      reader.releaseLock();
      if (kills < 6) {
        const delay = 150 * random.uniform();
        await new Promise((resolve) => setTimeout(resolve, delay));
        kill(child, "SIGKILL");
      }
      const { code, stderr } = await finish(child);
      assert.equal(stderr, "");
      if (code === 0) break;
      assert.equal(code, 137);
      kills++;
    }
    assert.ok(kills >= 3, `${kills} kills, seed ${seed}`);
    assert.deepEqual(filesOf(directory), expected, `seed ${seed}`);
  });
});

function kill(child: Deno.ChildProcess, signal: Deno.Signal) {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended before
  }
}

Deno.test("trainSweep() stops at once on Ctrl-C, keeps what is finished and goes on", async () => {
  const expected = await wholeSweep();
  await inTemporaryDirectory(async (directory) => {
    const child = start(directory, "start", "1");
    const reader = child.stdout.getReader();
    for (let text = ""; !text.includes("subset");) { // two nets are finished
      text += new TextDecoder().decode((await reader.read()).value);
    }
    reader.releaseLock();
    child.kill("SIGINT");
    const { code, stderr } = await finish(child);
    assert.equal(code, 130);
    assert.match(
      stderr,
      /^SIGINT: saving; .*\nInterrupted after [2-9] of 12 nets: .*--resume.*\n$/,
    );
    const { stdout } = await sweep(directory, "resume", "2");
    assert.match(stdout, /^going on after [2-9] of 12 nets$/m);
    assert.deepEqual(filesOf(directory), expected);
  });
});

Deno.test("trainSweep() reports nets that fail, trains the others and tries again on resume", async () => {
  const expected = await wholeSweep();
  for (
    const [accident, reason] of [
      ["fails", "Cannot go on training: got NaN"],
      ["dies", "Cannot finish the task: .* 2 times: it ended without a word"],
      ["crashes", "Cannot finish the task: .* 2 times: boom"],
    ] as const
  ) {
    await inTemporaryDirectory(async (directory) => {
      const { stderr } = await sweep(directory, "start", "2", accident);
      assert.equal(stderr.trim().split("\n").length, 2);
      for (const subset of [0, 1]) {
        const line = `^subset ${subset}, λ 0.02, run 1: ${reason}$`;
        assert.match(stderr, new RegExp(line, "m"));
      }
      const rows = `${filesOf(directory)["sweep.csv"]}`.split("\n");
      const whole = `${expected["sweep.csv"]}`.split("\n");
      for (const [i, row] of whole.entries()) {
        const failed = /^[01],0.02,1,/.test(row);
        assert.equal(
          rows[i],
          failed ? `${row.slice(0, 9)}0.05,0.5,1,,,,` : row,
        );
      }
      assert.equal((await sweep(directory, "resume", "2")).stderr, "");
      assert.deepEqual(filesOf(directory), expected, accident);
    });
  }
});

Deno.test("trainSweep() gives the same bytes where a worker dies in the middle of a net", async () => {
  const expected = await wholeSweep();
  await inTemporaryDirectory(async (directory) => {
    const { code, stderr } = await sweep(directory, "start", "2", "dies once");
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.deepEqual(
      Object.keys(readFiles(directory)).filter((name) => name !== "run"),
      ["died-0", "died-1"],
    );
    assert.deepEqual(filesOf(directory), expected);
  });
});

Deno.test({
  name: "trainSweep() on a full disk says so, and goes on when there is room",
  ignore: Deno.build.os !== "linux", // no /dev/full elsewhere
  fn: async () => {
    const expected = await wholeSweep();
    await inTemporaryDirectory(async (directory) => {
      const { code, stderr } = await sweep(
        directory,
        "start",
        "2",
        "fills the disk",
      );
      assert.match(
        stderr,
        /^Cannot write .*checkpoint\.safetensors: no space left on device\n$/,
      );
      assert.equal(code, 1);
      const { stdout } = await sweep(directory, "resume", "2");
      assert.match(stdout, /^going on after [2-5] of 12 nets$/m);
      assert.deepEqual(filesOf(directory), expected);
    });
  },
});

Deno.test({
  name:
    "trainSweep() redraws a chart of the nets so far and leaves the text (skipped without `script`)",
  ignore: noTerminal,
  fn: () =>
    withRunDirectory(async (directory) => {
      const { code, stdout } = await runInTerminal(
        new URL("./fixtures/sweep_fake_nets.ts", import.meta.url),
        [directory, "start", "2", "live"],
      );
      assert.equal(code, 0);
      const counts = [...stdout.matchAll(/chart of (\d+) nets/g)]
        .map(([, count]) => Number(count));
      // at once, and again after each of the six lines but the last
      assert.equal(counts[0], 0);
      assert.ok(counts.at(-1)! >= 10, `${counts}`);
      assert.deepEqual(counts, counts.toSorted((a, b) => a - b));
      const screen = screenOf(stdout);
      const [first, ...rest] = screen;
      assert.equal(first, "12 nets: starting 2 workers");
      assert.equal(rest.length, 6);
      for (const line of rest) assert.match(line, /^subset \d {2}λ .* %$/);
    }),
});

const FINISHED = [
  ["subset 0, λ 0.02, run 10", 0.5],
  ["subset 0, λ 0.02, run 9", 0.75],
  ["subset 1, λ 0, run 0", 0.25],
].map(([name, testAccuracy], i) =>
  [name as string, {
    testAccuracy: testAccuracy as number,
    trajectory: Float32Array.of(i, 0.1, 0.2, 0.3, 0.4, 0.5),
    parameters: {
      "conv1/bias": {
        dtype: "float32" as const,
        shape: [2],
        data: Float32Array.of(i, 7),
      },
    },
  }] as const
);

Deno.test("finishedNets() gets back what sweepCheckpoint() was given", () => {
  const bytes = encodeCheckpoint(sweepCheckpoint(new Map(FINISHED)));
  const nets = finishedNets(decodeCheckpoint(bytes, "test"));
  assert.deepEqual(nets, new Map(FINISHED));
  assert.deepEqual(finishedNets(null), new Map());
});

Deno.test("finishedNets() leaves a net without parameters to be trained", () => {
  const [name, net] = FINISHED[0]!;
  const nets = new Map<string, AlphaNetResult>(FINISHED);
  nets.set(name, { ...net, parameters: {} });
  const left = finishedNets(sweepCheckpoint(nets));
  assert.deepEqual(left, new Map(FINISHED.slice(1)));
});

Deno.test("sweepCheckpoint() gives the same bytes in any order", () => {
  const bytes = encodeCheckpoint(sweepCheckpoint(new Map(FINISHED)));
  const reversed = new Map(FINISHED.toReversed());
  assert.deepEqual(encodeCheckpoint(sweepCheckpoint(reversed)), bytes);
});
