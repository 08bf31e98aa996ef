/** Says in the ordinary test run which tests it does not include. */
export default function notice(): void {
  console.warn('test/cluster is skipped here: npm run test:cluster runs it on a real Apache RocketMQ (Java 17, Maven).')
}
