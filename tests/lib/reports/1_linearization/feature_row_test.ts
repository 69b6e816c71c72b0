import { deepEqual, equal, ok, throws } from "node:assert/strict";
import {
  bestChannel,
  featureCaption,
  featureRow,
  gradientMagnitude,
} from "../../../../lib/reports/1_linearization/feature_row.ts";
import { assertValuesClose } from "../../../assert_all_close.ts";

const SIZE = { width: 4, height: 3 };

Deno.test("featureRow() finds the image and its edges among the channels", () => {
  const image = [0, 0, 9, 9, 0, 0, 9, 9, 0, 0, 9, 9]; // an edge in the middle
  const edges = [0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1]; // but for the last pixel
  const other = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  const place = { image: 7, net: "relu", layer: "conv1" };
  const inverse = image.map((value) => 1 - value);
  const row = featureRow(place, [other, edges, inverse], image, SIZE);
  const { edgesR, ...rest } = row;
  deepEqual(rest, {
    ...place,
    inputChannel: 2,
    inputR: 1,
    edgesChannel: 1,
  });
  // numpy.corrcoef of [0, 1, 1, 0] three times and that with its last pixel 1
  ok(Math.abs(edgesR - 0.8451542547285166) < 1e-15, `${edgesR}`);
  equal(
    featureCaption(row, 3),
    "conv1, channels 0–2: most like the image 2 (r 1.00), like its edges 1 (0.85)",
  );
});

const TARGET = [0, 1, 2, 3];

Deno.test("bestChannel() finds the channel that varies with a plane, up or down", () => {
  const some = [0, 1, 0, 1];
  const falling = [9, 7, 5, 3];
  const found = bestChannel([some, falling, [1, 1, 1, 1]], TARGET);
  deepEqual(found, { channel: 1, r: 1 });
  deepEqual(bestChannel([TARGET, some, TARGET], TARGET).channel, 0);
});

Deno.test("bestChannel() is the first with 0 where no channel varies", () => {
  const same = [2, 2, 2, 2];
  deepEqual(bestChannel([same, same], TARGET), { channel: 0, r: 0 });
});

Deno.test("gradientMagnitude() of a ramp is its steepness, and half of it at the border", () => {
  // z = 3 x + 4 y: 5 inside; where a neighbour is missing its direction halves.
  const size = { width: 4, height: 4 };
  const ramp = Array.from(
    { length: 16 },
    (_, i) => 3 * (i % 4) + 4 * Math.floor(i / 4),
  );
  const side = Math.hypot(1.5, 4), top = Math.hypot(3, 2), corner = 2.5;
  // deno-fmt-ignore
  const expected = [
    corner, top, top, corner,
    side, 5, 5, side,
    side, 5, 5, side,
    corner, top, top, corner,
  ];
  const ours = gradientMagnitude(ramp, size);
  assertValuesClose(ours, expected, { rtol: 1e-15, atol: 0 });
});

Deno.test("gradientMagnitude() gives numpy's values", () => {
  // Both operators as sums over numpy.pad(plane, 1, mode="edge"), / 8, by
  // numpy.hypot.
  const plane = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8];
  // deno-fmt-ignore
  const expected = [
    1.7677669529663689, 2, 1.1858541225631423, 1.741048534648015,
    1.118033988749895, 1.0752906583803283, 1.3806701271484076, 2.9261749776799064,
    0.7905694150420949, 1.1858541225631423, 1.5206906325745548, 1.976423537605237,
  ];
  const ours = gradientMagnitude(plane, { width: 4, height: 3 });
  assertValuesClose(ours, expected, { rtol: 1e-15, atol: 0 });
});

Deno.test("gradientMagnitude() is 0 for one pixel, and refuses another size", () => {
  deepEqual([...gradientMagnitude([7], { width: 1, height: 1 })], [0]);
  throws(
    () => gradientMagnitude([1, 2, 3], { width: 2, height: 2 }),
    new RangeError(
      "Cannot compute the gradient: values must fill [2,2]: got 3",
    ),
  );
});
