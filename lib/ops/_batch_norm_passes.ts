import * as tf from "@tensorflow/tfjs";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelContext } from "../wasm/kernel_context.ts";

/** Elements per chunk: 64 KiB of x, which are read twice, stay in L2. */
const CHUNK_SIZE = 16_384;

/** Fewest periods a chunk, so that its sums stay few beside its elements. */
const MIN_PERIODS = 16;

/** Fewest elements a period, so that an addition need not wait for the last. */
const MIN_PERIOD = 64;

/**
 * The kernels' passes over x, and what lies between them. To be called when all
 * outputs are there, since a new tensor may move the heap.
 */
export function batchNormPasses(context: KernelContext, x: TensorInfo) {
  const channels = x.shape.at(-1)!;
  const size = tf.util.sizeFromShape(x.shape);
  const evenRows = channels % 4 === 0 ? 1 : channels % 2 === 0 ? 2 : 4;
  const even = evenRows * channels; // fewest rows that are whole vectors
  const period = even * Math.ceil(MIN_PERIOD / even);
  const periods = Math.max(MIN_PERIODS, Math.floor(CHUNK_SIZE / period));
  const chunkSize = periods * period;
  const chunks = Math.ceil(size / chunkSize);
  const coefficientsAt = context.scratch(4 * period * (5 + 3 * chunks));
  const partialsAt = coefficientsAt + 4 * 5 * period;
  const { buffer } = context.memory;
  const coefficients = new Float32Array(buffer, coefficientsAt, 5 * period);
  const partials = new Float32Array(buffer, partialsAt, 3 * period * chunks);
  return {
    channels,
    /** Values a channel. */
    count: size / channels,
    run(
      kernel: `batchNorm${"Moments" | "GradSums" | "Apply"}F32`,
      { dy, out }: { dy?: TensorInfo; out?: TensorInfo } = {},
    ) {
      context.pool.run(kernel, chunks, {
        x: context.pointer(x),
        dy: dy ? context.pointer(dy) : 0,
        out: out ? context.pointer(out) : 0,
        partials: partialsAt,
        coefficients: coefficientsAt,
        size,
        period,
        chunkSize,
      });
    },
    /** Visits the partials that each chunk has left of `rows` values. */
    eachPart(
      visit: (
        channel: number,
        rows: number,
        first: number,
        second: number,
        third: number,
      ) => void,
    ) {
      for (let chunk = 0; chunk < chunks; chunk++) {
        const length = Math.min(chunkSize, size - chunk * chunkSize);
        const whole = Math.floor(length / period), rest = length % period;
        let at = 3 * chunk * period;
        for (let i = 0; i < period; i++, at++) {
          visit(
            i % channels,
            i < rest ? whole + 1 : whole,
            partials[at]!,
            partials[at + period]!,
            partials[at + 2 * period]!,
          );
        }
      }
    },
    /** Gives a channel's coefficients, in the kernel's order, to its places. */
    setCoefficients(ofChannel: (channel: number) => number[]) {
      for (let channel = 0; channel < channels; channel++) {
        ofChannel(channel).forEach((value, row) => {
          for (let i = channel; i < period; i += channels) {
            coefficients[row * period + i] = value;
          }
        });
      }
    },
  };
}
