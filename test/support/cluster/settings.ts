import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** Where the parts of a cluster listen, all on loopback. */
export interface Ports {
  readonly namesrvPort: number
  /** The broker also takes two below (its fast port) and one above (replication). */
  readonly brokerPort: number
}

/** The Java system properties every RocketMQ process of a cluster is given: its files stay below `directory`. */
export function homeProperties(directory: string): string[] {
  return [
    `-Drocketmq.home.dir=${directory}`,
    `-Duser.home=${directory}`,
    `-Djava.io.tmpdir=${directory}`,
    `-Drocketmq.client.logRoot=${directory}/logs`,
  ]
}

/** For Java processes that live for seconds: no second compiler, no threads for collecting garbage. */
export const quickStart: readonly string[] = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

/** Writes the files a name server, a broker and mqadmin read. Settings override our own, by RocketMQ's names. */
export async function writeSettings(
  directory: string,
  ports: Ports,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(path.join(directory, 'conf'), { recursive: true })
  const namesrv = { listenPort: ports.namesrvPort, bindAddress: '127.0.0.1', kvConfigPath: `${directory}/kv.json` }
  await writeFile(path.join(directory, 'namesrv.conf'), lines(namesrv))
  await writeFile(path.join(directory, 'broker.conf'), lines({ ...brokerSettings(directory, ports), ...settings }))
  // 4.9 refuses to start without these; 5.x brings its own.
  for (const part of ['namesrv', 'broker', 'tools']) {
    await writeFile(path.join(directory, 'conf', `logback_${part}.xml`), logback(`${directory}/logs/${part}.log`))
  }
}

function brokerSettings(
  directory: string,
  { namesrvPort, brokerPort }: Ports,
): Record<string, string | number | boolean> {
  return {
    brokerClusterName: 'DefaultCluster',
    brokerName: 'broker-a',
    brokerId: 0,
    brokerIP1: '127.0.0.1',
    bindAddress: '127.0.0.1',
    listenPort: brokerPort,
    namesrvAddr: `127.0.0.1:${namesrvPort}`,
    storePathRootDir: `${directory}/store`,
    storePathCommitLog: `${directory}/store/commitlog`,
    mappedFileSizeCommitLog: 64 * 1024 * 1024,
    mappedFileSizeConsumeQueue: 6_000_000,
    maxHashSlotNum: 10_000,
    maxIndexNum: 40_000,
    flushDiskType: 'ASYNC_FLUSH',
    autoCreateTopicEnable: true,
    autoCreateSubscriptionGroup: true,
    enablePropertyFilter: true,
    traceTopicEnable: true,
    // A busy test machine is no reason to turn a message away.
    brokerFastFailureEnable: false,
    waitTimeMillsInSendQueue: 5000,
    osPageCacheBusyTimeOutMills: 60_000,
    diskMaxUsedSpaceRatio: 99,
    diskSpaceWarningLevelRatio: 99,
    diskSpaceCleanForciblyRatio: 99,
    transactionCheckInterval: 5000,
    // Seconds where RocketMQ has minutes: level 3, the first retry, comes after 3 s.
    messageDelayLevel: '1s 2s 3s 4s 5s 6s 7s 8s 9s 10s 20s 30s 40s 50s 1m 2m 3m 4m',
  }
}

function lines(settings: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

function logback(file: string): string {
  return `<configuration>
  <appender name="file" class="ch.qos.logback.core.FileAppender">
    <file>${file}</file>
    <encoder><pattern>%d %p %m%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="file"/></root>
</configuration>
`
}
