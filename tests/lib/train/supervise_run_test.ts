import assert from "node:assert/strict";
import { InterruptedError } from "../../../lib/base/errors.ts";
import {
  superviseRun,
  type SupervisionOptions,
} from "../../../lib/train/supervise_run.ts";

function supervise(options: Partial<SupervisionOptions> = {}) {
  const printed: string[] = [];
  const supervision = superviseRun({
    run: { resumeCommand: "deno task it --resume" },
    output: { log: (text) => void printed.push(text), result() {} },
    quiet: true,
    label: "training",
    total: 10,
    done: 0,
    ...options,
  });
  return { supervision, printed };
}

/** Calls a body with a clock that the body sets, in milliseconds. */
async function withClock(body: (set: (now: number) => void) => Promise<void>) {
  const { now } = performance;
  let time = 0;
  performance.now = () => time;
  try {
    await body((now) => time = now);
  } finally {
    performance.now = now;
  }
}

/**
 * Calls a body with what sends a signal to the listeners of this file alone:
 * one that the system sends is heard by the files that are tested beside it.
 */
async function withSignals(
  body: (send: (name: Deno.Signal) => void) => Promise<void>,
) {
  const { addSignalListener, removeSignalListener } = Deno;
  const listeners = new Set<readonly [Deno.Signal, () => void]>();
  Deno.addSignalListener = (name, listener) =>
    void listeners.add([name, listener]);
  Deno.removeSignalListener = () => {};
  try {
    // As the system does, when the event loop turns.
    await body((sent) =>
      void setTimeout(() => {
        for (const [name, hear] of listeners) if (name === sent) hear();
      })
    );
  } finally {
    Object.assign(Deno, { addSignalListener, removeSignalListener });
  }
}

const place = () => "in net after step 1";

Deno.test("superviseRun() saves each ten seconds, counted from the last time", async () => {
  await withClock(async (set) => {
    const { supervision } = supervise();
    using _ = supervision;
    const saved: number[] = [];
    const pauseAt = async (time: number, due?: boolean) => {
      set(time);
      await supervision.pause({
        save: () => void saved.push(time),
        place,
        due,
      });
    };
    for (const time of [0, 9_999, 10_000, 10_001, 20_001]) await pauseAt(time);
    assert.deepEqual(saved, [10_001]);
    await pauseAt(20_002);
    assert.deepEqual(saved, [10_001, 20_002]);
    await pauseAt(21_000, true);
    assert.deepEqual(saved, [10_001, 20_002, 21_000]);
    await pauseAt(31_000);
    set(32_000);
    await supervision.save(() => void saved.push(32_000));
    await pauseAt(42_000);
    assert.deepEqual(saved, [10_001, 20_002, 21_000, 32_000]);
  });
});

Deno.test("superviseRun() counts the time to the next checkpoint from the end of a slow one", async () => {
  await withClock(async (set) => {
    const { supervision } = supervise();
    using _ = supervision;
    let saves = 0;
    set(11_000);
    const slow = async () => {
      saves++;
      await Promise.resolve();
      set(30_000);
    };
    await supervision.pause({ save: slow, place });
    set(40_000);
    await supervision.pause({ save: slow, place });
    assert.equal(saves, 1);
  });
});

Deno.test("superviseRun() saves at a signal, says where the training is, and how to go on", () =>
  withSignals(async (send) => {
    const { supervision } = supervise();
    using _ = supervision;
    let saves = 0;
    const training = { save: () => void saves++, place };
    await supervision.pause(training);
    assert.equal(saves, 0);
    send("SIGUSR2");
    while (!supervision.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await assert.rejects(supervision.pause(training), (error) => {
      assert.ok(error instanceof InterruptedError);
      assert.equal(error.signal, "SIGUSR2");
      assert.equal(
        error.message,
        "Interrupted in net after step 1: deno task it --resume goes on",
      );
      return true;
    });
    assert.equal(saves, 1);
    const cause = new Error("stopped");
    const error = supervision.interrupted("after 2 nets", { cause });
    assert.equal(
      error.message,
      "Interrupted after 2 nets: deno task it --resume goes on",
    );
    assert.equal(error.cause, cause);
  }));

Deno.test("superviseRun() hears a signal in a training that never waits", () =>
  withSignals(async (send) => {
    const { supervision } = supervise();
    using _ = supervision;
    send("SIGUSR2");
    const training = { save() {}, place };
    const started = performance.now();
    await assert.rejects(async () => {
      while (performance.now() - started < 10_000) {
        await supervision.pause(training);
      }
    }, InterruptedError);
  }));

Deno.test("superviseRun() prints a line", () => {
  const { supervision, printed } = supervise();
  using _ = supervision;
  supervision.update(1, { imagesPerSecond: 5 });
  supervision.log("epoch 1");
  assert.deepEqual(printed, ["epoch 1"]);
});
