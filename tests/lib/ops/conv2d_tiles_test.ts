import * as tf from "@tensorflow/tfjs";
import { fusedConv2d } from "../../../lib/ops/fused_conv2d.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { withBackend } from "../../with_backend.ts";
import { seededTensor } from "./fixtures/seeded_tensor.ts";

/** Rows of all widths up to two wide tiles and more. */
const WIDTHS = Array.from({ length: 28 }, (_, i) => i + 1);

/** Less than a block, whole blocks, and such that overlap the one before. */
const CHANNELS = [5, 8, 11, 16, 24, 29];

/** What a build computes of all of them. */
function compute(simd: "wide" | "relaxed"): Promise<Float32Array[]> {
  const row = (width: number, channels: number) =>
    fusedConv2d(
      seededTensor([1, 3, width, 3], 1) as tf.Tensor4D,
      seededTensor([3, 3, 3, channels], 2) as tf.Tensor4D,
      seededTensor([channels], 3) as tf.Tensor1D,
      { pad: 1, activation: { kind: "relu-alpha", alpha: tf.scalar(0.3) } },
    ).dataSync() as Float32Array;
  return withBackend(
    { threads: 1, simd },
    () =>
      tf.tidy(() =>
        WIDTHS.flatMap((width) =>
          CHANNELS.map((channels) => row(width, channels))
        )
      ),
  );
}

Deno.test("tiles of every width give the same bits, wide or narrow", async () => {
  const narrow = await compute("relaxed");
  const wide = await compute("wide");
  for (const [i, width] of WIDTHS.entries()) {
    for (const [j, channels] of CHANNELS.entries()) {
      const at = i * CHANNELS.length + j;
      assertSameValues(
        wide[at]!,
        narrow[at]!,
        `${width} pixels, ${channels} channels`,
      );
    }
  }
});
