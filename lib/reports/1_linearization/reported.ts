/** What report 1 states of its nets, which ours stand beside. */
export const REPORTED = {
  /** Test accuracy without activation less that with ReLU (figure 2). */
  linearLessRelu: -0.075,
  /** The same with batch norm and max pool (§3). */
  discardedLinearLessRelu: 0,
  /** Test accuracy with ReLU_α less that with ReLU (§6). */
  reluAlphaLessRelu: 0,
  /** α₁ at the end lies between these two (§6). */
  firstAlpha: [0.5, 0.8],
  /** α₂ and α₃ at the end (§6). */
  laterAlphas: 1,
  /** What becomes of the image after the last layer, by net (§6). */
  finalImage: { relu: "unrecognizable", linear: "recognizable" },
  /** What becomes of the image's borders (§6). */
  finalEdges: { relu: "highlighted", linear: "blurred" },
  /** The classes of the images in figures 15 to 23, three figures each. */
  subjectClasses: ["Ankle boot", "Shirt", "Trouser"],
} as const;
