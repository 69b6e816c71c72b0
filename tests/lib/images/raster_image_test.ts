import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  convertChannels,
  imageFromValues,
  valueBounds,
} from "../../../lib/images/raster_image.ts";

const LINE = { width: 5, height: 1, channels: 1 } as const;

Deno.test("imageFromValues() puts the smallest value to 0 and the largest to 255", () => {
  // 255 · (x + 2) / 5: 0, 51, 102, 204, 255
  const image = imageFromValues([-2, -1, 0, 2, 3], LINE);
  deepEqual(image, { ...LINE, data: new Uint8Array([0, 51, 102, 204, 255]) });
});

Deno.test("imageFromValues() keeps values beyond its range within it", () => {
  const { data } = imageFromValues([-9, 0, 1, 2, 9], {
    ...LINE,
    range: [0, 2],
  });
  deepEqual([...data], [0, 0, 128, 255, 255]);
});

Deno.test("imageFromValues() shows what is the same everywhere as mid gray", () => {
  const { data } = imageFromValues(new Float32Array(5).fill(-3), LINE);
  deepEqual([...data], [128, 128, 128, 128, 128]);
});

Deno.test("imageFromValues() scales the channels of a colour together", () => {
  const size = { width: 1, height: 2, channels: 3 } as const;
  const { data } = imageFromValues([0, 1, 2, 3, 4, 5], size);
  deepEqual([...data], [0, 51, 102, 153, 204, 255]);
});

Deno.test("imageFromValues() refuses values that do not fill it, and no finite range", () => {
  throws(
    () => imageFromValues([1, 2], LINE),
    new RangeError(
      "Cannot make an image: values must fill [1,5,1]: got 2",
    ),
  );
  for (const range of [[1, 0], [NaN, 1], [0, Infinity]] as const) {
    throws(
      () => imageFromValues([1, 2, 3, 4, 5], { ...LINE, range }),
      /^RangeError: Cannot make an image: the range must be finite and in order/,
    );
  }
  throws(() => imageFromValues([1, 2, NaN, 4, 5], LINE), /must be finite/);
});

Deno.test("valueBounds() is the first and the last of the sorted values", () => {
  fc.assert(fc.property(
    fc.float32Array({ minLength: 1, noNaN: true }),
    (values) => {
      const sorted = values.toSorted();
      deepEqual(valueBounds(values), [sorted[0], sorted.at(-1)]);
    },
  ));
});

const picture = (channels: 1 | 3, ...values: number[]) => ({
  width: values.length / channels,
  height: 1,
  channels,
  data: Uint8Array.from(values),
});

Deno.test("convertChannels() repeats gray, joins equal channels, and leaves colours alone", () => {
  const gray = picture(1, 5, 250);
  const rgb = picture(3, 5, 5, 5, 250, 250, 250);
  deepEqual(convertChannels(gray, 3), rgb);
  deepEqual(convertChannels(rgb, 1), gray);
  equal(convertChannels(gray, 1), gray);
  equal(convertChannels(rgb, 3), rgb);
  for (const last of [[250, 250, 249], [250, 249, 250], [249, 250, 250]]) {
    equal(convertChannels(picture(3, 5, 5, 5, ...last), 1), null);
  }
});
