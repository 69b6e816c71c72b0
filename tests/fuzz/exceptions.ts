/** Kernels that are not fuzzed, and why. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  StringNGrams: "of strings, which lie in no heap",
  StringSplit: "of strings, which lie in no heap",
  StringToHashBucketFast: "of strings, which lie in no heap",
};
