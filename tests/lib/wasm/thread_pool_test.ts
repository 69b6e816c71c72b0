import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import type { Backend } from "../../../lib/backend/start_backend.ts";
import {
  compileKernels,
  instantiateKernels,
  type KernelExports,
} from "../../../lib/wasm/kernel_module.ts";
import { CONTROL } from "../../../lib/wasm/control_block.ts";
import { startThreadPool } from "../../../lib/wasm/thread_pool.ts";
import { kernelContext } from "../../../lib/wasm/kernel_context.ts";
import { runScript } from "../../run_script.ts";
import { withBackend } from "../../with_backend.ts";

/** Where no heap of these tests ends: 4 GiB less 1 MiB. */
const BEYOND = 0xfff0_0000;

/** A vector in the heap. */
function heapVector({ memory }: Backend, size: number) {
  const at = kernelContext("test").pointer(tf.zeros([size]));
  return { at, values: new Float32Array(memory.buffer, at, size) };
}

/**
 * A task that copies x to y, `chunkSize` elements a chunk.
 */
function copyTask(backend: Backend, size: number, chunkSize: number) {
  const { pool } = kernelContext("test");
  const x = heapVector(backend, size), y = heapVector(backend, size);
  return {
    x: x.values,
    y: y.values,
    run: (chunks = Math.ceil(size / chunkSize)) =>
      pool.run("copyF32", chunks, { x: x.at, out: y.at, size, chunkSize }),
  };
}

for (const threads of [1, 2, 4]) {
  Deno.test(`run() computes each of 0 … 200,000 chunks once (threads: ${threads})`, async () => {
    await withBackend({ threads }, (backend) => {
      const task = copyTask(backend, 200_001, 1);
      const counts = [0, 1, 2, 3, 65_535, 65_536, 65_537, 0];
      for (const chunks of [...counts, 131_070, 131_071, 200_000, 3]) {
        task.x.forEach((_, i) => task.x[i] = i + chunks);
        task.y.fill(-1);
        task.run(chunks);
        const at = task.y.findIndex((y, i) =>
          y !== (i < chunks ? i + chunks : -1)
        );
        assert.equal(at, -1, `element ${at} of ${chunks}`);
      }
      for (const chunks of [-1, 0.5, NaN, Infinity, 2 ** 31]) {
        assert.throws(() => task.run(chunks), {
          name: "RangeError",
          message:
            `Cannot run copyF32: chunks must be an integer from 0 to 2147483647: got ${chunks}`,
        });
      }
      task.run(2);
    });
  });
}

for (const threads of [2, 4, 8]) {
  Deno.test(`run() loses no chunk of many tiny tasks (threads: ${threads})`, async () => {
    const tasks = 200_000 / threads;
    await withBackend({ threads }, (backend) => {
      const task = copyTask(backend, 5, 1);
      for (let i = 1; i <= tasks; i++) {
        task.x.fill(i);
        task.run();
        if (!task.y.every((value) => value === i)) {
          assert.fail(`task ${i}: ${task.y}`);
        }
      }
    });
  });
}

/** Text and thread of the error of one task. */
function failure(call: () => void): { thread: number; cause: string } {
  try {
    call();
  } catch (error) {
    const form = /^Error: Cannot run (\w+F32): thread (\d) failed: (.*)$/;
    const [, , thread, cause] = form.exec(String(error)) ?? [];
    assert.ok(cause, `of another form: ${error}`);
    return { thread: Number(thread), cause };
  }
  assert.fail("no error");
}

/** A task whose last chunk alone traps: there x has left the heap. */
function badAtTheEnd(backend: Backend, chunks: number, chunkSize: number) {
  const size = chunks * chunkSize;
  const y = heapVector(backend, size);
  const { pool } = kernelContext("test");
  return () => {
    const x = backend.memory.buffer.byteLength - 4 * (size - chunkSize);
    pool.run("copyF32", chunks, { x, out: y.at, size, chunkSize });
  };
}

Deno.test("run() reports a kernel that traps on the main thread or on a worker, and goes on", async () => {
  await withBackend({ threads: 2 }, (backend) => {
    const good = copyTask(backend, 64, 1);
    const tasks = [
      badAtTheEnd(backend, 2, 500_000), // mostly a worker takes the second
      badAtTheEnd(backend, 33, 4), // often the main thread takes the last
    ];
    const seen = new Set<number>();
    for (let i = 1; i <= 1_000 && seen.size < 2; i++) {
      const { thread, cause } = failure(tasks[i % 2]!);
      assert.match(cause, /^RuntimeError: memory access out of bounds/);
      seen.add(thread);
      good.x.fill(i);
      good.run();
      assert.ok(good.y.every((value) => value === i));
    }
    assert.deepEqual([...seen].sort(), [0, 1]);
  });
});

Deno.test("run() wakes workers that sleep", async () => {
  await withBackend({ threads: 2 }, async (backend) => {
    const task = badAtTheEnd(backend, 2, 500_000);
    const threads: number[] = [];
    while (threads.at(-1) !== 1) {
      assert.ok(threads.length < 200, "the main thread did all");
      await new Promise((resolve) => setTimeout(resolve, 10));
      threads.push(failure(task).thread);
    }
  });
});

for (const threads of [1, 2, 4]) {
  Deno.test(`run() forgets a failure of all threads with its task (threads: ${threads})`, async () => {
    await withBackend({ threads }, (backend) => {
      const { pool } = kernelContext("test");
      const good = copyTask(backend, 64, 1);
      const bad = { x: BEYOND, out: BEYOND, size: 64, chunkSize: 1 };
      for (let i = 1; i <= 200; i++) {
        failure(() => pool.run("copyF32", 64, bad));
        good.x.fill(i);
        good.run();
        assert.ok(good.y.every((value) => value === i));
      }
    });
  });
}

Deno.test("run() takes no other kernels and no other parameters than there are", async () => {
  await withBackend({ threads: 2 }, (backend) => {
    const { pool } = kernelContext("test");
    const x = heapVector(backend, 4).at, out = heapVector(backend, 4).at;
    const params = { x, out, size: 4, chunkSize: 4 };
    pool.run("copyF32", 0, params);
    // @ts-expect-error -- no such kernel
    assert.throws(() => pool.run("noneF32", 0, params), TypeError);
    // @ts-expect-error -- a parameter is missing
    pool.run("copyF32", 0, { x, out, size: 4 });
    // @ts-expect-error -- a parameter is misspelt
    pool.run("copyF32", 0, { x, out, size: 4, chunksize: 4 });
    // @ts-expect-error -- a parameter is not the kernel's
    pool.run("copyF32", 0, { x, out, size: 4, chunkSize: 4, alpha: 1 });
    // @ts-expect-error -- a parameter is no number
    pool.run("copyF32", 0, { x, out, size: "4", chunkSize: 4 });
  });
});

Deno.test("run() throws after stop(), which may be called twice", async () => {
  for (const threads of [1, 2]) {
    const task = await withBackend({ threads }, (backend) => {
      const task = copyTask(backend, 4, 1);
      kernelContext("test").pool.stop();
      kernelContext("test").pool.stop();
      return task;
    });
    for (const chunks of [0, 1, 4]) {
      assert.throws(() => task.run(chunks), {
        name: "Error",
        message: "Cannot run copyF32: the backend is stopped",
      });
    }
  }
});

/** A pool of its own in the heap of a backend, with a part of it changed. */
async function startPool(
  backend: Backend,
  change: (exports: KernelExports) => Pick<KernelExports, "awaitChunks">,
) {
  const { module } = await compileKernels("simd128");
  const exports = instantiateKernels(module, backend.memory);
  const { at } = heapVector(backend, (CONTROL.bytes + 64) / 4);
  return startThreadPool({
    module,
    memory: backend.memory,
    exports: { ...exports, ...change(exports) },
    control: Math.ceil(at / 64) * 64,
    threads: 2,
  });
}

Deno.test("run() is woken by the last chunk's end, and not by its own time limit", async () => {
  await withBackend({ threads: 1 }, async (backend) => {
    const limit = 10_000;
    let longest = 0;
    const pool = await startPool(backend, (exports) => ({
      awaitChunks: (control, chunks) => {
        const start = performance.now();
        const done = exports.awaitChunks(control, chunks, 0, limit);
        longest = Math.max(longest, performance.now() - start);
        return done;
      },
    }));
    // Two equal chunks: sometimes the main thread is done first, and sleeps.
    const { at } = heapVector(backend, 100_000);
    const { at: from } = heapVector(backend, 100_000);
    for (let i = 0; i < 200 && longest < limit; i++) {
      pool.run("copyF32", 2, {
        x: from,
        out: at,
        size: 100_000,
        chunkSize: 50_000,
      });
    }
    assert.ok(longest < limit);
    pool.stop();
  });
});

Deno.test("run() gives up a worker that does not answer for a minute, for good", async () => {
  await withBackend({ threads: 1 }, async (backend) => {
    const pool = await startPool(backend, () => ({
      awaitChunks: () => 0,
    }));
    const { at } = heapVector(backend, 8);
    const { at: from } = heapVector(backend, 8);
    const run = () =>
      pool.run("copyF32", 8, { x: from, out: at, size: 8, chunkSize: 1 });
    assert.throws(run, {
      message: "Cannot run copyF32: a worker has not answered for 60 s",
    });
    assert.throws(run, {
      message: "Cannot run copyF32: a worker has not answered",
    });
    pool.stop();
  });
});

Deno.test("startThreadPool() fails, and leaves no worker, when a worker cannot start", async () => {
  const { code, stdout } = await runScript(
    new URL("fixtures/pool_fails_to_start.ts", import.meta.url),
  );
  assert.match(stdout, /^Error: Cannot start kernel worker: .*none\.ts/);
  assert.equal(code, 0);
});
