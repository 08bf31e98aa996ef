/** Milliseconds of processor time this process has used: unlike a clock's, they do not grow while others work. */
export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
