/** Images per second, smoothed over about twenty steps. */
export function createRate(): (images: number) => number {
  let last = performance.now();
  let secondsPerImage = 0;
  return (images) => {
    const now = performance.now();
    const present = (now - last) / 1000 / images;
    last = now;
    secondsPerImage = secondsPerImage === 0
      ? present
      : 0.95 * secondsPerImage + 0.05 * present;
    return 1 / secondsPerImage;
  };
}
