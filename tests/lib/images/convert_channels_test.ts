import assert from "node:assert/strict";
import { convertChannels } from "../../../lib/images/convert_channels.ts";

const picture = (channels: 1 | 3, ...values: number[]) => ({
  ...{ width: values.length / channels, height: 1, channels },
  data: Uint8Array.from(values),
});

Deno.test("convertChannels() repeats gray, joins equal channels, and leaves colours alone", () => {
  const gray = picture(1, 5, 250);
  const rgb = picture(3, 5, 5, 5, 250, 250, 250);
  assert.deepEqual(convertChannels(gray, 3), rgb);
  assert.deepEqual(convertChannels(rgb, 1), gray);
  assert.equal(convertChannels(gray, 1), gray);
  assert.equal(convertChannels(rgb, 3), rgb);
  for (const last of [[250, 250, 249], [250, 249, 250], [249, 250, 250]]) {
    assert.equal(convertChannels(picture(3, 5, 5, 5, ...last), 1), null);
  }
});
