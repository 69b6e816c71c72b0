import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import type { Backend } from "../lib/backend/start_backend.ts";
import { kernelContext } from "../lib/wasm/kernel_context.ts";
import { assertAllClose, type Expected } from "./assert_all_close.ts";
import { originOf } from "./draw_cases.ts";
import { guardHeap } from "./guarded_heap.ts";
import { watchInputs } from "./watch_inputs.ts";
import { withBackend } from "./with_backend.ts";

/** Half the distance from 1 to the next float32. */
export const UNIT = 2 ** -24;

/** What an output must be, and how far off it may be: not at all by default. */
export interface Expectation extends Omit<Expected, "dtype"> {
  /** float32 by default. */
  dtype?: tf.DataType;
  rtol?: number;
  atol?: number | ArrayLike<number>;
  /** Whether 0 must not stand for −0, nor −0 for 0. */
  signedZeros?: boolean;
}

/** A call that must throw an error of this name and with this message. */
export type Refusal = readonly [
  call: () => unknown,
  name: string,
  message: string | RegExp,
];

/** An op, its oracle and its cases; `testOp` does the rest. */
export interface Op<C> {
  /** As the titles of the tests have it. */
  name: string;
  /** How far results may be off, for the titles of the tests. */
  tolerance: string;
  /**
   * Cases of each kind: sizes 0 and 1, every tail, several vector blocks,
   * several chunks, more threads than rows; −0, NaN, ±∞ and denormals.
   */
  cases: Readonly<Record<string, readonly C[]>>;
  /** The outputs and gradients of a case, on the backend that runs. */
  compute(c: C): Readonly<Record<string, tf.Tensor>>;
  /**
   * The same by the oracle in float64, or nothing where it would take too long:
   * then the runs are only compared with each other.
   */
  expect(c: C): Readonly<Record<string, Expectation>> | undefined;
  /** Where it runs, all of `BACKENDS` by default. */
  backends?: readonly Options[];
  /** Whether `simd128` too has the bits of `relaxed`; false by default. */
  sameInBuilds?: boolean;
  /** Whether it changes its inputs, as optimizers do; false by default. */
  changesInputs?: boolean;
  /** Made on a backend that runs. */
  refusals?: () => readonly Refusal[];
  /** What an op of this project refuses where no backend runs. */
  stopped?: { action: string; call: (x: tf.Tensor) => unknown };
  /** What else must hold, with each build and two threads. */
  also?: Readonly<Record<string, (backend: Backend) => unknown>>;
}

/** Builds and threads. */
export const BACKENDS = [
  ...[1, 2, 3, 4, 8].map((threads) => ({ simd: "relaxed" as const, threads })),
  { simd: "wide" as const, threads: 2 },
  ...[1, 2, 4].map((threads) => ({ simd: "simd128" as const, threads })),
];

type Options = typeof BACKENDS[number];

type Values = Record<string, Float32Array | Int32Array | Uint8Array>;

/** What the runs of one op have in common. */
interface Memory {
  /** By case, what the oracle said. */
  expected: Map<unknown, Readonly<Record<string, Expectation>>>;
  /** By build and case, what a run had that agreed with the oracle. */
  agreed: Map<string, Map<unknown, Values>>;
}

const createMemory = (): Memory => ({ expected: new Map(), agreed: new Map() });

/**
 * Tests an op with the builds and threads of `BACKENDS`. A build's first run
 * is compared with the oracle, and each further one with the first, bit for
 * bit, as those of `wide` with `relaxed`. All blocks of the heap lie between
 * guards that no kernel may touch, and with more than one thread not aligned to
 * a vector. No case may leave a tensor or a block behind, nor may a refusal,
 * and none may change an input.
 */
export function testOp<C>(op: Op<C>) {
  const memory = createMemory();
  const backends = op.backends ?? BACKENDS;
  assert.ok(
    !op.also || backends.some(({ threads }) => threads === 2),
    `${op.name}: \`also\` needs a backend of two threads`,
  );
  for (const options of backends) {
    const { simd, threads } = options;
    const title = `${op.name}, ${op.tolerance}: ${simd}, threads: ${threads}`;
    Deno.test(title, (t) =>
      withBackend(options, async (backend) => {
        for (const [kind, step] of stepsOf(op, options, backend, memory)) {
          await t.step(kind, step);
        }
      }));
  }
  const { stopped } = op;
  if (!stopped) return;
  Deno.test(`${op.name}: no backend runs`, async () => {
    let x!: tf.Tensor;
    await withBackend({ threads: 1 }, () => void (x = tf.scalar(1)));
    assert.throws(() => stopped.call(x), {
      message: `Cannot ${stopped.action}: startBackend() must have been called`,
    });
  });
}

/** Runs all of an op's steps on one backend; throws where one fails. */
export async function runOp<C>(
  op: Op<C>,
  options: Options,
  memory = createMemory(),
) {
  await withBackend(options, async (backend) => {
    for (const [, step] of stepsOf(op, options, backend, memory)) await step();
  });
  return memory;
}

type Step = [name: string, body: () => void | Promise<void>];

/** What is to be done on a backend that runs. */
function stepsOf<C>(
  op: Op<C>,
  options: Options,
  backend: Backend,
  memory: Memory,
): Step[] {
  const heap = guardHeap(backend, {
    after: (size) => 1024 + size, // of a row too many, say
    shifted: options.threads > 1,
    inside: 0xff, // NaN: nothing unwritten can pass for a number
  });
  heap.guardScratch(kernelContext("test"));
  const inputs = watchInputs();
  const counts = () => ({
    tensors: tf.memory().numTensors,
    data: tf.backend().numDataIds(),
    blocks: heap.blocks(),
  });
  /** Whether the heap may be damaged, so that nothing more can be said. */
  let damaged = false;
  const assertGuards = () => {
    const faults = heap.faults();
    damaged ||= faults.length > 0;
    assert.deepEqual(faults, [], "written outside of blocks");
  };
  /** Runs what must neither leave anything behind nor touch a guard. */
  const cleanly = (what: string, body: () => void) => {
    assert.ok(!damaged, "not run: the heap may be damaged");
    const before = counts();
    try {
      try {
        tf.tidy(body);
      } finally {
        assertGuards();
      }
      assert.deepEqual(counts(), before, "left behind");
    } catch (error) {
      const { message } = error as Error;
      throw new Error(`${what}: ${message}`, { cause: error });
    }
  };
  const build = op.sameInBuilds
    ? "any"
    : options.simd === "wide"
    ? "relaxed"
    : options.simd;
  const agreed = memory.agreed.get(build) ?? new Map<unknown, Values>();
  memory.agreed.set(build, agreed);
  const check = (c: C) => {
    inputs.forget();
    const results = op.compute(c);
    if (!op.changesInputs) inputs.assertUnchanged();
    const values = valuesOf(results);
    const first = agreed.get(c);
    if (first) return assertSameBits(values, first);
    const expected = memory.expected.get(c) ?? op.expect(c);
    if (expected) {
      memory.expected.set(c, expected);
      assertExpected(results, expected);
    }
    agreed.set(c, values);
  };
  const steps = Object.entries(op.cases).map(([kind, cases]): Step => [
    kind,
    () =>
      cases.forEach((c) => cleanly(describe(c) + originOf(c), () => check(c))),
  ]);
  const { refusals, also = {} } = op;
  if (refusals && options === (op.backends ?? BACKENDS)[0]) {
    const refuse = () =>
      refusals().forEach(([call, name, message]) =>
        cleanly(`${message}`, () => assert.throws(call, { name, message }))
      );
    steps.push(["refusals", () => scoped(refuse)]);
  }
  if (options.threads !== 2) return steps;
  for (const [name, body] of Object.entries(also)) {
    steps.push([name, async () => {
      assert.ok(!damaged, "not run: the heap may be damaged");
      await scoped(() => body(backend));
      assertGuards();
    }]);
  }
  return steps;
}

/** Gives up all tensors of `body`, which may be asynchronous. */
async function scoped(body: () => unknown) {
  tf.engine().startScope();
  try {
    await body();
  } finally {
    tf.engine().endScope();
  }
}

function valuesOf(results: Readonly<Record<string, tf.Tensor>>): Values {
  return Object.fromEntries(
    Object.entries(results).map((
      [name, y],
    ) => [name, y.dataSync<"float32">().slice()]),
  );
}

function assertExpected(
  results: Readonly<Record<string, tf.Tensor>>,
  expected: Readonly<Record<string, Expectation>>,
) {
  assert.deepEqual(Object.keys(results), Object.keys(expected));
  for (const [name, y] of Object.entries(results)) {
    const { dtype = "float32", rtol = 0, atol = 0, signedZeros, ...rest } =
      expected[name]!;
    try {
      assertAllClose(y, { dtype, ...rest }, { rtol, atol });
      if (signedZeros) assertSameZeros(y.dataSync(), rest.values);
    } catch (error) {
      const { message } = error as Error;
      throw new Error(`${name}: ${message}`, { cause: error });
    }
  }
}

function assertSameZeros(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
) {
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i]!, e = expected[i]!;
    if (a !== 0 || e !== 0 || Object.is(a, e)) continue;
    assert.fail(`value ${i} is ${written(a)}, not ${written(e)}`);
  }
}

function assertSameBits(actual: Values, expected: Values) {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    const [ours, theirs] = [actual[name]!, values].map(({ buffer }) =>
      new Uint8Array(buffer as ArrayBuffer)
    );
    assert.equal(ours!.length, theirs!.length, `${name}: another size`);
    const at = theirs!.findIndex((byte, i) => byte !== ours![i]);
    assert.equal(at, -1, `${name}: other bits than the build's first run`);
  }
}

/** A case in a line: JSON with long lists cut short, and with NaN, ∞ and −0. */
function describe(c: unknown): string {
  return JSON.stringify(c, (_, value) => {
    if (typeof value === "number") {
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : written(value);
    }
    if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return value;
    const list = Array.from(value as ArrayLike<unknown>);
    return list.length > 12 ? `${list.length} values` : list;
  });
}

/** A number as it is written in a program: "-0" too. */
const written = (value: number) => Object.is(value, -0) ? "-0" : `${value}`;
