import assert from "node:assert/strict";
import {
  featureClaims,
  featureComparison,
  featureNumbers,
  featureTable,
  layerCorrelations,
} from "../../../../lib/reports/1_linearization/fashion_features_claims.ts";

/** Rows of three images after conv3, and after conv1 as a decoy. */
function layersOf(nets: Record<string, [input: number[], edges: number[]]>) {
  return layerCorrelations(
    Object.entries(nets).flatMap(([net, [input, edges]]) =>
      input.flatMap((inputR, image) =>
        ["conv1", "conv3"].map((layer) => ({
          image,
          net,
          layer,
          inputChannel: 0,
          edgesChannel: 0,
          inputR: layer === "conv3" ? inputR : 0.5,
          edgesR: layer === "conv3" ? edges[image]! : 0.5,
        }))
      )
    ),
  );
}

Deno.test("layerCorrelations() gathers the images of each layer", () => {
  const [first, last] = layersOf({ relu: [[0.1, 0.2], [0.3, 0.4]] });
  assert.deepEqual(first, {
    net: "relu",
    layer: "conv1",
    input: [0.5, 0.5],
    edges: [0.5, 0.5],
  });
  assert.deepEqual(last, {
    net: "relu",
    layer: "conv3",
    input: [0.1, 0.2],
    edges: [0.3, 0.4],
  });
});

Deno.test("featureClaims() holds where the means say so", () => {
  const layers = layersOf({
    relu: [[0.7, 0.8, 0.9], [0.8, 0.8, 0.9]],
    linear: [[0.9, 0.95, 0.97], [0.5, 0.6, 0.6]],
  });
  const claims = featureClaims(layers);
  assert.deepEqual(claims.map(({ verdict }) => verdict), ["held", "held"]);
  assert.equal(
    claims[0]!.measured,
    "linear 0.940, relu 0.800, 3 images",
  );
  assert.equal(
    claims[1]!.measured,
    "relu 0.833, linear 0.567, 3 images",
  );
});

Deno.test("featureClaims() does not hold for a difference within two standard errors", () => {
  const held = ["held", "held"];
  const notHeld = ["did not hold", "did not hold"];
  const verdicts = (relu: number[], linear: number[]) =>
    featureClaims(layersOf({ relu: [relu, linear], linear: [linear, relu] }))
      .map(({ verdict }) => verdict);
  // Differences 0.03, 0.01, 0.015: mean 0.0183, standard error 0.0060.
  assert.deepEqual(verdicts([0.92, 0.94, 0.935], [0.95, 0.95, 0.95]), held);
  // Differences 0.03, 0, 0.01: mean 0.0133, standard error 0.0088.
  assert.deepEqual(verdicts([0.92, 0.95, 0.94], [0.95, 0.95, 0.95]), notHeld);
  // The other way round.
  assert.deepEqual(verdicts([0.9, 0.9, 0.91], [0.8, 0.8, 0.82]), notHeld);
});

Deno.test("featureClaims() says nothing of fewer than two images", () => {
  for (
    const layers of [[], layersOf({ relu: [[1], [1]], linear: [[1], [1]] })]
  ) {
    const verdicts = featureClaims(layers).map(({ verdict }) => verdict);
    const none = "could not be tested";
    assert.deepEqual(verdicts, [none, none]);
  }
  assert.deepEqual(featureComparison([]), []);
  assert.deepEqual(featureTable([]).rows, []);
});

Deno.test("featureComparison() and featureTable() give mean ± s.d. over images", () => {
  const layers = layersOf({
    relu: [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]],
    "relu-alpha-0.5-12-epochs": [[0.3, 0.3, 0.3], [0, 0, 0]],
  });
  assert.deepEqual(featureComparison(layers)[0], {
    quantity: "r with the image after conv3, relu",
    reported: "unrecognizable",
    ours: "0.200 ± 0.100",
    difference: "",
  });
  assert.equal(featureComparison(layers)[3]!.reported, "in figures only");
  assert.deepEqual(featureTable(layers).rows[1], [
    "relu",
    "conv3",
    "0.200 ± 0.100",
    "0.500 ± 0.100",
  ]);
});

Deno.test("featureNumbers() has the mean over the images of each layer", () => {
  const layers = layersOf({ relu: [[0.25, 0.75], [0, 0.5]] });
  assert.deepEqual(featureNumbers(layers), [
    { net: "relu", layer: "conv1", r_input: 0.5, r_edges: 0.5 },
    { net: "relu", layer: "conv3", r_input: 0.5, r_edges: 0.25 },
  ]);
});
