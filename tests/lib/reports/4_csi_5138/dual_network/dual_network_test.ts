import { createRandom } from "../../../../../lib/base/random.ts";
import { drawExample } from "../../../../../lib/reports/4_csi_5138/dual_network/check_gradients.ts";
import {
  derivativeNetwork,
  dualNetwork,
  forwardNetwork,
} from "../../../../../lib/reports/4_csi_5138/dual_network/dual_network.ts";
import { type Matrix, matrixOf } from "../../../../../lib/matrices/matrix.ts";
import { assertValuesClose } from "../../../../assert_all_close.ts";
import { centralDifferences } from "../../../../reference/central_differences.ts";

const matrix = (rows: number, columns: number, ...entries: number[]) => ({
  rows,
  columns,
  values: Float64Array.from(entries),
});

/**
 * By PyTorch 1.13.1 in float64:
 *
 *     u = torch.sigmoid(A @ x); v = B @ x; z = A @ (u * v); w = A @ z
 *     L = (w * w).sum(); L.backward()
 */
const GOLDEN = {
  A: matrix(2, 2, 0.5, -1, 0.75, 0.25),
  B: matrix(2, 2, 1, 0.5, -0.5, 1.5),
  x: matrix(2, 1, 1, -0.5),
  loss: 0.8669561464706041,
  // deno-fmt-ignore -- one line per row
  dA: [1.7253733371639988, -1.2417053605369854,
    2.240883969747999, 0.31403946258350135],
  // deno-fmt-ignore -- one line per row
  dB: [0.46802142415469755, -0.23401071207734878,
    -1.1063169798601482, 0.5531584899300741],
};

const LAST_BITS = { rtol: 1e-14, atol: 1e-15 };

Deno.test("dualNetwork() has the golden gradients, times what it is given", () => {
  const { x, loss, dA, dB, ...parameters } = GOLDEN;
  const activations = forwardNetwork(parameters, x);
  assertValuesClose([activations.loss], [loss], LAST_BITS);
  for (const dL of [1, -3]) {
    const gradient = dualNetwork(parameters, activations, dL);
    const times = (values: number[]) => values.map((value) => dL * value);
    assertValuesClose(gradient.A.values, times(dA), LAST_BITS);
    assertValuesClose(gradient.B.values, times(dB), LAST_BITS);
  }
});

Deno.test("derivativeNetwork() has each golden gradient along its entry", () => {
  const { x, dA, dB, ...parameters } = GOLDEN;
  const activations = forwardNetwork(parameters, x);
  const zero = matrixOf(2, 2, () => 0);
  for (let i = 0; i < 4; i++) {
    const values = new Float64Array(4).fill(1, i, i + 1);
    const unit = { ...zero, values };
    const along = (A: Matrix, B: Matrix) =>
      derivativeNetwork(parameters, activations, { A, B });
    assertValuesClose(
      [along(unit, zero), along(zero, unit)],
      [dA[i]!, dB[i]!],
      LAST_BITS,
    );
  }
});

Deno.test("dualNetwork() has the gradients that differences have, n from 1 to 5", () => {
  const random = createRandom(3);
  for (const size of [1, 2, 3, 4, 5]) {
    const { x, A, B } = drawExample(size, random);
    const gradient = dualNetwork({ A, B }, forwardNetwork({ A, B }, x), 1);
    const lossOf = (values: Float64Array, name: "A" | "B") =>
      forwardNetwork({ A, B, [name]: { ...A, values } }, x).loss;
    for (const name of ["A", "B"] as const) {
      const differences = centralDifferences(
        (values) => lossOf(values, name),
        { A, B }[name].values,
        1e-5,
      );
      assertValuesClose(differences, gradient[name].values, {
        rtol: 0,
        atol: 1e-8,
      });
    }
  }
});
