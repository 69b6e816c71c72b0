import { UsageError } from "../../base/errors.ts";
import type { Figure } from "../../charts/figure.ts";
import type { Output } from "../../cli/output.ts";
import { createProgress } from "../../cli/progress.ts";
import type { ImageDataset } from "../../data/image_dataset.ts";
import type { ImageMode } from "../../images/image_text.ts";
import { imageFromValues } from "../../images/raster_image.ts";
import { pixelTensor } from "../../ops/pixel_tensor.ts";
import { writeCsv } from "../../run/csv_log.ts";
import { predict } from "../../train/evaluate.ts";
import type { FashionNet } from "./fashion_net.ts";
import { BATCH_SIZE, type FeaturePlan } from "./feature_nets.ts";
import {
  chooseSubjects,
  type Judge,
  subjectClasses,
} from "./fashion_subjects.ts";
import { featureCaption, type FeatureRow, featureRow } from "./feature_row.ts";
import { type FigureLayer, layerFigure, layerPlanes } from "./layer_figure.ts";

/** The layers whose channels are shown: the net's first ones. */
const LAYERS = ["conv1", "conv2", "conv3"];

/** How many correctly classified test images the claims are judged by. */
const SAMPLE_SIZE = 200;

/** Lets a trained net do something. */
export type WithNet = <T>(
  plan: FeaturePlan,
  use: (net: FashionNet) => T,
) => Promise<T>;

/** What the nets make of the images. */
export interface Features {
  readonly judges: readonly Judge[];
  /** Indices of the images that are shown. */
  readonly shown: readonly number[];
  /** Indices of those that the claims are judged by. */
  readonly sample: readonly number[];
  /** The correlations of each image in each layer. */
  readonly rows: readonly FeatureRow[];
  /** The channels of the shown images, by image and net. */
  readonly layers: ReadonlyMap<string, readonly FigureLayer[]>;
}

/**
 * Refuses images that cannot be shown.
 *
 * @param images indices of test images
 * @throws {UsageError} where they are not gray, or beyond the last one
 */
export function refuseImages(
  images: readonly number[],
  { channels, name, test: { count } }: ImageDataset,
): void {
  if (channels !== 1) {
    throw new UsageError(
      `Cannot parse --dataset: expected gray images: got ${name}`,
    );
  }
  const beyond = images.find((index) => index >= count);
  if (beyond !== undefined) {
    throw new UsageError(
      `Cannot parse --image: expected indices below the ${count} test images: got ${beyond}`,
    );
  }
}

/**
 * Lets the nets classify all test images, and some go through their layers.
 *
 * @param images indices of the images to show; none: one of each subject class
 * @param output is told of classes that no image stands for well
 */
export async function measureFeatures(
  { dataset, plans, withNet, images, output, quiet }: {
    readonly dataset: ImageDataset;
    readonly plans: readonly FeaturePlan[];
    readonly withNet: WithNet;
    readonly images: readonly number[];
    readonly output: Pick<Output, "log">;
    /** Whether there is no progress bar. */
    readonly quiet: boolean;
  },
): Promise<Features> {
  const { test } = dataset;
  using progress = createProgress({
    label: "test images",
    total: plans.length * test.count,
    enabled: !quiet,
  });
  const began = performance.now();
  const judges: Judge[] = [];
  for (const [index, plan] of plans.entries()) {
    judges.push(
      await withNet(plan, (net) => ({
        name: plan.name,
        predictions: predict(net, test, dataset, {
          batchSize: BATCH_SIZE,
          progress(images) {
            const done = index * test.count + images;
            const seconds = (performance.now() - began) / 1000;
            progress.update(done, {
              doing: plan.name,
              imagesPerSecond: done / seconds,
            });
          },
        }),
        alphas: net.alphas.map((alpha) => alpha.dataSync()[0]!),
      })),
    );
  }
  progress.stop();
  const right = [...test.labels.keys()].filter((i) =>
    judges.every(({ predictions }) => predictions[i]!.label === test.labels[i])
  );
  const shown = images.length > 0
    ? images
    : subjectImages(dataset, right, output);
  const sample = right.slice(0, SAMPLE_SIZE);
  const layers = await passLayers(dataset, plans, withNet, sample, shown);
  return { judges, shown, sample, ...layers };
}

/** An image of each subject class, if possible one that all nets get right. */
function subjectImages(
  dataset: ImageDataset,
  right: readonly number[],
  output: Pick<Output, "log">,
): number[] {
  const subjects = chooseSubjects(dataset, right);
  for (const { className, index, isRight } of subjects) {
    if (isRight) continue;
    output.log(`no ${className} that all nets get right: showing ${index}`);
  }
  return subjects.map(({ index }) => index);
}

/** Lets images through the nets' layers. */
async function passLayers(
  dataset: ImageDataset,
  plans: readonly FeaturePlan[],
  withNet: WithNet,
  sample: readonly number[],
  shown: readonly number[],
): Promise<Pick<Features, "rows" | "layers">> {
  const { height, width } = dataset;
  const images = [...new Set([...sample, ...shown])].sort((a, b) => a - b);
  const rowOf = (
    place: { image: number; net: string; layer: string },
    planes: readonly ArrayLike<number>[],
  ) => featureRow(place, planes, pixelsOf(dataset, place.image), dataset);
  const rows = images.map((image) =>
    rowOf({ image, net: "none", layer: "input" }, [pixelsOf(dataset, image)])
  );
  const layers = new Map<string, FigureLayer[]>();
  for (const plan of plans) {
    await withNet(plan, (net) => {
      for (const image of images) {
        const x = pixelTensor(pixelsOf(dataset, image), [1, height, width, 1]);
        const planes = layerPlanes(net.layers.slice(0, LAYERS.length), x);
        x.dispose();
        const captioned = planes.map((channels, i) => {
          const place = { image, net: plan.name, layer: LAYERS[i]! };
          const row = rowOf(place, channels);
          rows.push(row);
          return { channels, caption: featureCaption(row, channels.length) };
        });
        if (!shown.includes(image)) continue;
        layers.set(`${image} ${plan.name}`, captioned);
      }
    });
  }
  return { rows, layers };
}

function pixelsOf({ test, height, width }: ImageDataset, image: number) {
  const size = height * width;
  return test.images.subarray(image * size, (image + 1) * size);
}

/** Writes features.csv: a row per image, net and layer. */
export function writeFeatures(path: string, rows: readonly FeatureRow[]): void {
  writeCsv(
    path,
    rows.map((row) => ({
      image: row.image,
      net: row.net,
      layer: row.layer,
      best_channel_input: row.inputChannel,
      r_input: row.inputR,
      best_channel_edges: row.edgesChannel,
      r_edges: row.edgesR,
    })),
  );
}

/** The part of the figures' names for each image, known before the image is. */
function slugsOf(images: readonly number[], dataset: ImageDataset): string[] {
  return images.length > 0
    ? images.map((index) => `test-${index}`)
    : subjectClasses(dataset).map((name) =>
      name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")
    );
}

const figureFile = (slug: string, net: string) => `features-${slug}-${net}.svg`;

/** The files of {@linkcode featureFigures}. */
export function featureFigureFiles(
  images: readonly number[],
  plans: readonly FeaturePlan[],
  dataset: ImageDataset,
): string[] {
  return slugsOf(images, dataset).flatMap((slug) =>
    plans.map(({ name }) => figureFile(slug, name))
  );
}

/**
 * A figure for each shown image and net; figures 15 to 23 where the images are
 * the report's.
 *
 * @param images indices that were asked for; none: the report's classes
 * @param mode how a terminal shows the images
 */
export function featureFigures(
  { shown, layers }: Features,
  images: readonly number[],
  plans: readonly FeaturePlan[],
  dataset: ImageDataset,
  mode: ImageMode,
): Figure[] {
  const { name, width, height, test, classNames } = dataset;
  const slugs = slugsOf(images, dataset);
  const isReported = images.length === 0 && name === "fashion-mnist";
  let number = 15;
  return shown.flatMap((image, i) =>
    plans.map(({ name }) => {
      const className = classNames[test.labels[image]!];
      const figure = isReported ? `Figure ${number++}: ` : "";
      return layerFigure(figureFile(slugs[i]!, name), {
        title: `${figure}${className}, test image ${image}, through ${name}`,
        image: imageFromValues(pixelsOf(dataset, image), {
          width,
          height,
          channels: 1,
        }),
        layers: layers.get(`${image} ${name}`)!,
        mode,
      });
    })
  );
}

/** What there is to say of the images, and of nets whose α are all 0. */
export function featureNotes({ judges, sample }: Features): string[] {
  const linearized = judges.filter(({ alphas }) =>
    alphas.length > 0 && alphas.every((alpha) => Math.abs(alpha) < 0.01)
  );
  return [
    `Correlations are of the first ${sample.length} test images that all nets classify right; features.csv has them and the shown images.`,
    ...linearized.map(({ name }) =>
      `The penalty has driven every α of ${name} to 0: it is a linear net too, and its figures show one.`
    ),
  ];
}
