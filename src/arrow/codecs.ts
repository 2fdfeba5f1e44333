export const lz4 = async (): Promise<never> => {
  throw new Error("pending");
};
export const zstd = async (): Promise<never> => {
  throw new Error("pending");
};
