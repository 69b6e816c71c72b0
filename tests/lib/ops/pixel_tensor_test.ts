import { pixelTensor } from "../../../lib/ops/pixel_tensor.ts";
import { testOp } from "../../ops_suite.ts";

const pixelsOf = (size: number) =>
  Uint8Array.from({ length: size }, (_, i) => i % 256);

testOp<number>({
  name: "pixelTensor()",
  tolerance: "the float32 nearest to pixel / 255",
  cases: { "every tail": [0, 1, 7, 8, 9, 256, 65_536, 140_001] },
  compute: (size) => ({ y: pixelTensor(pixelsOf(size), [1, 1, size, 1]) }),
  expect: (size) => ({
    y: {
      shape: [1, 1, size, 1],
      values: Float32Array.from(pixelsOf(size), (pixel) => pixel / 255),
    },
  }),
  sameInBuilds: true,
  refusals: () => [[
    () => pixelTensor(new Uint8Array(3), [1, 2, 2, 1]),
    "RangeError",
    "Cannot compute pixelTensor: pixels must fill [1,2,2,1]: got 3",
  ]],
});
