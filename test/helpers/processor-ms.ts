/** Processor time that a call takes, in milliseconds: unlike time on the clock, it does not grow when the machine is busy with others. */
export function processorMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
