import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { classPath, peerClassPath } from './artifacts.ts'
import { endDaemon, killDaemon, signalDaemon, startDaemon } from './daemon.ts'
import { freePorts } from './free-ports.ts'
import { JavaPeer, type PeerMode } from './java-peer.ts'
import { untilReady } from './readiness.ts'
import { type Finished, run } from './run.ts'
import { homeProperties, type Ports, quickStart, writeSettings } from './settings.ts'

/** A real Apache RocketMQ on loopback: what another process needs to use it, too. */
export interface ClusterAddress {
  readonly version: string
  readonly directory: string
  /** `host:port` of the name server. */
  readonly namesrv: string
  /** `host:port` of the only broker, `broker-a`. */
  readonly brokerAddress: string
  /** Whether its folder is nobody's: it goes when the cluster stops. */
  readonly temporary: boolean
}

/** What cluster to start. */
export interface ClusterOptions {
  /** An Apache RocketMQ release, such as 5.5.0. */
  readonly version: string
  /** Settings of the broker by RocketMQ's names, on top of the harness's. */
  readonly settings?: Readonly<Record<string, string>>
  /** Where it lives. @default a new temporary folder, removed by `stop` */
  readonly directory?: string
  /** @default free ones */
  readonly ports?: Partial<Ports>
}

/** A running name server and broker. Everything is known by its folder, so any process may hold one. */
export class Cluster implements ClusterAddress {
  readonly version: string
  readonly directory: string
  readonly namesrv: string
  readonly brokerAddress: string
  readonly temporary: boolean

  constructor(address: ClusterAddress) {
    this.version = address.version
    this.directory = address.directory
    this.namesrv = address.namesrv
    this.brokerAddress = address.brokerAddress
    this.temporary = address.temporary
  }

  /** What another process builds the same from. */
  get address(): ClusterAddress {
    const { version, directory, namesrv, brokerAddress, temporary } = this
    return { version, directory, namesrv, brokerAddress, temporary }
  }

  /** Runs a command of Apache's admin tool against this cluster, which may fail: look at `status`. */
  async mqadmin(args: readonly string[]): Promise<Finished> {
    return mqadmin(this.version, [...args, '-n', this.namesrv])
  }

  /** Starts a Java client of this version. */
  async java(mode: PeerMode, args: readonly string[]): Promise<JavaPeer> {
    return JavaPeer.start(await peerClassPath(this.version), [mode, '--namesrv', this.namesrv, ...args])
  }

  /** Ends the broker as a power cut of its process does. The name server stays. */
  async killBroker(): Promise<void> {
    await endDaemon(this.directory, 'broker', 'SIGKILL')
  }

  /** Stops the broker where it stands: it keeps its connections, and answers nothing until {@link thawBroker}. */
  freezeBroker(): void {
    signalDaemon(this.directory, 'broker', 'SIGSTOP')
  }

  thawBroker(): void {
    signalDaemon(this.directory, 'broker', 'SIGCONT')
  }

  /** Ends the broker in good order. */
  async stopBroker(): Promise<void> {
    await endDaemon(this.directory, 'broker', 'SIGTERM')
  }

  /** Starts the broker on its old data, and resolves when it serves. */
  async startBroker(): Promise<void> {
    startDaemon({
      name: 'broker',
      directory: this.directory,
      classPath: await classPath(this.version),
      mainClass: 'org.apache.rocketmq.broker.BrokerStartup',
      jvm: [
        ...(process.env['MQ_CLUSTER_JVM']?.split(' ') ?? ['-Xmx512m', '-XX:MaxDirectMemorySize=512m', ...quickStart]),
        // 4.9 does not read these from its settings.
        '-Drocketmq.broker.diskSpaceWarningLevelRatio=0.99',
        '-Drocketmq.broker.diskSpaceCleanForciblyRatio=0.99',
      ],
      args: ['-c', path.join(this.directory, 'broker.conf'), '-n', this.namesrv],
    })
    await untilReady(this)
  }

  /** Ends both: in good order, which may take 20 s, or at once when nobody wants what they stored. */
  async stop(): Promise<void> {
    const signal = this.temporary ? 'SIGKILL' : 'SIGTERM'
    await endDaemon(this.directory, 'broker', signal)
    await endDaemon(this.directory, 'namesrv', signal)
    if (this.temporary) await rm(this.directory, { recursive: true, force: true })
  }

  /** Kills both without waiting, for a process that is about to exit. */
  abandon(): void {
    killDaemon(this.directory, 'broker')
    killDaemon(this.directory, 'namesrv')
  }
}

/** Starts a cluster, fetching its jars the first time, and resolves when it serves. Takes 5 to 20 s. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { version } = options
  const ports = { ...(await freePorts()), ...options.ports }
  const directory = options.directory ?? (await mkdtemp(path.join(os.tmpdir(), `mq-cluster-${version}-`)))
  await mkdir(directory, { recursive: true })
  await writeSettings(directory, ports, options.settings ?? {})
  const temporary = options.directory === undefined
  const address = { namesrv: `127.0.0.1:${ports.namesrvPort}`, brokerAddress: `127.0.0.1:${ports.brokerPort}` }
  const cluster = new Cluster({ version, directory, temporary, ...address })
  try {
    startDaemon({
      name: 'namesrv',
      directory,
      classPath: await classPath(version),
      mainClass: 'org.apache.rocketmq.namesrv.NamesrvStartup',
      jvm: ['-Xmx128m', ...quickStart],
      args: ['-c', path.join(directory, 'namesrv.conf')],
    })
    await cluster.startBroker()
    return cluster
  } catch (error) {
    cluster.abandon()
    throw error
  }
}

/**
 * Starts another broker of a cluster, by its name, and resolves when it serves. It is used like the cluster itself, whose
 * name server it shares, and stopped on its own.
 */
export async function startAnotherBroker(cluster: ClusterAddress, brokerName: string): Promise<Cluster> {
  const { version, namesrv } = cluster
  const { brokerPort } = await freePorts()
  const directory = await mkdtemp(path.join(os.tmpdir(), `mq-cluster-${version}-`))
  await writeSettings(directory, { brokerPort, namesrvPort: Number(namesrv.split(':')[1]) }, { brokerName })
  const broker = new Cluster({
    version,
    directory,
    temporary: true,
    namesrv,
    brokerAddress: `127.0.0.1:${brokerPort}`,
  })
  try {
    await broker.startBroker()
    return broker
  } catch (error) {
    broker.abandon()
    throw error
  }
}

/** Runs a command of Apache's admin tool. */
export async function mqadmin(version: string, args: readonly string[]): Promise<Finished> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'mqadmin-'))
  try {
    await writeSettings(home, { namesrvPort: 0, brokerPort: 0 }, {})
    // The logging of 5.x tells on stdout how it set itself up, unless it is told where to look.
    const silent = path.join(home, 'silent.xml')
    await writeFile(silent, '<configuration><root level="OFF"/></configuration>')
    const flags = [...quickStart, `-Drmq.logback.configurationFile=${silent}`, ...homeProperties(home)]
    const main = 'org.apache.rocketmq.tools.command.MQAdminStartup'
    // Some commands leave files where they are run.
    return await run('java', [...flags, '-cp', await classPath(version), main, ...args], { cwd: home })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}
