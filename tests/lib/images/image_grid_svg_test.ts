import assert from "node:assert/strict";
import {
  type ImageGridSpec,
  imageGridSvg,
  inRows,
} from "../../../lib/images/image_grid_svg.ts";
import { imagesOf, pixelsOf, textsOf } from "./svg_parts.ts";
import { gray } from "./fixtures/gray.ts";

const wide = gray(3, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
const small = gray(1, [77]);

const SPEC: ImageGridSpec = {
  title: 'Weights of "a & b" < 1',
  note: "A note that is too long for a line. ".repeat(6).trim(),
  blocks: [
    { rows: [[{ image: wide, labels: ["first", "r 0.99"] }, null]] },
    {
      heading: "a layer",
      rows: [
        [null, { image: wide, labels: ["of a layer"] }],
        [{ image: small, labels: ["small"] }],
      ],
    },
  ],
  scale: 8,
};

Deno.test("imageGridSvg() draws each image sharp, in its place of the grid", () => {
  const images = imagesOf(imageGridSvg(SPEC));
  assert.equal(images.length, 3);
  const [first, second, third] = images;
  for (const { width, height, picture } of images) {
    assert.deepEqual([width, height], [picture.width, picture.height]);
  }
  assert.deepEqual([first!.width, first!.height], [24, 24]);
  assert.deepEqual(pixelsOf(first!.picture, 8), [...wide.data]);
  assert.deepEqual([...new Set(third!.picture.data)], [77]);
  assert.ok(second!.x >= first!.x + first!.width, "the second column");
  assert.ok(second!.y > first!.y + first!.height, "the second row");
  // The small one is in the middle of a place as large as the others'.
  assert.deepEqual([third!.width, third!.height], [8, 8]);
  assert.equal(third!.x + 4, first!.x + 12);
  assert.ok(third!.y > second!.y + second!.height);
});

Deno.test("imageGridSvg() has all text as text, within its width", () => {
  const svg = imageGridSvg(SPEC);
  const texts = textsOf(svg);
  assert.equal(texts[0], SPEC.title);
  for (const text of ["first", "r 0.99", "a layer", "of a layer", "small"]) {
    assert.ok(texts.includes(text), text);
  }
  assert.ok(texts.join(" ").endsWith(SPEC.note));
  assert.ok(!texts.includes(SPEC.note), "the note takes several lines");
  assert.match(
    svg,
    /^<svg [^>]*>\n<title>Weights of &#34;a &#38; b&#34; &#60; 1/,
  );
  assert.match(svg, /<desc>A note that is too long/);
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number);
  for (const [text, x, y, size] of placesOf(svg)) {
    const reach = 0.6 * size * [...text].length;
    const isLabel = size === 11 && !SPEC.note.includes(text);
    assert.ok(x + (isLabel ? reach / 2 : reach) <= width!, text);
    assert.ok(y < height!, text);
  }
});

/** The texts with their places and font sizes. */
function placesOf(svg: string): [string, number, number, number][] {
  const pattern =
    /<text x="([\d.]+)" y="([\d.]+)".* font-size="(\d+)">([^<]*)</g;
  return [...svg.matchAll(pattern)].map((
    [, x, y, size, text],
  ) => [text!, Number(x), Number(y), Number(size)]);
}

Deno.test("imageGridSvg() leaves labels side by side apart, and above their images", () => {
  const label = "bias −0.96, out 3.51";
  const cell = { image: small, labels: [label, label] };
  const svg = imageGridSvg({
    ...SPEC,
    blocks: [{ rows: [[cell, cell]] }],
  });
  const places = placesOf(svg).filter(([text]) => text === label);
  assert.equal(places.length, 4);
  const [upper, lower, right] = places;
  assert.ok(right![1] - upper![1] >= 0.6 * 11 * label.length);
  const [image] = imagesOf(svg);
  assert.ok(lower![2] >= upper![2] + 11);
  assert.ok(image!.y > lower![2]);
});

Deno.test("imageGridSvg() gives the same bytes for the same images, and refuses none", () => {
  assert.equal(imageGridSvg(SPEC), imageGridSvg(structuredClone(SPEC)));
  assert.throws(
    () => imageGridSvg({ ...SPEC, blocks: [{ rows: [[null]] }] }),
    new RangeError(
      "Cannot draw a grid of images: there must be one at least: got none",
    ),
  );
  for (const scale of [0, -1, 0.5, NaN]) {
    assert.throws(
      () => imageGridSvg({ ...SPEC, scale }),
      new RangeError(
        `Cannot draw a grid of images: scale must be an integer from 1: got ${scale}`,
      ),
    );
  }
});

Deno.test("imageGridSvg() gives a row without places no room", () => {
  const [block] = SPEC.blocks;
  const withEmpty = { rows: [[], ...block!.rows, []] };
  assert.equal(
    imageGridSvg({ ...SPEC, blocks: [withEmpty] }),
    imageGridSvg({ ...SPEC, blocks: [block!] }),
  );
});

Deno.test("inRows() fills rows one after the other", () => {
  assert.deepEqual(inRows([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(inRows([], 2), []);
});
