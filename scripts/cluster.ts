// A real Apache RocketMQ on loopback, by hand: what the tests of test/cluster start for themselves. Needs Java and Maven.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { cacheFolder, obstacle, peerClassPath } from '../test/support/cluster/artifacts.ts'
import { Cluster, type ClusterAddress, mqadmin, startCluster } from '../test/support/cluster/cluster.ts'
import { peerArguments } from '../test/support/cluster/java-peer.ts'

const usage = `npm run cluster -- COMMAND

  up VERSION [--dir DIR] [--namesrv-port N] [--broker-port N] [--set NAME=VALUE]…   start a name server and a broker
  down | kill-broker | stop-broker | start-broker [--dir DIR]
  mqadmin VERSION ARGUMENT…                                                       Apache's own admin tool
  java VERSION push|members|lite|produce [--OPTION VALUE]…                        a Java client (test/java/Peer.java)

VERSION is a release such as 5.5.0 or 4.9.7. MQ_CLUSTER_CACHE is where jars are kept, MQ_CLUSTER_JVM the flags
of the broker's Java, instead of those for a quick start.`

const [command = '', ...rest] = process.argv.slice(2)

async function up(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      dir: { type: 'string' },
      'namesrv-port': { type: 'string', default: '9876' },
      'broker-port': { type: 'string', default: '10911' },
      set: { type: 'string', multiple: true, default: [] },
    },
  })
  const [version] = positionals
  if (version === undefined) throw new Error(usage)
  const directory = path.resolve(values.dir ?? defaultFolder())
  const ports = { namesrvPort: Number(values['namesrv-port']), brokerPort: Number(values['broker-port']) }
  const settings = Object.fromEntries(values.set.map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]))
  const cluster = await startCluster({ version, directory, ports, settings })
  await writeFile(path.join(directory, 'cluster.json'), JSON.stringify(cluster.address))
  const { namesrv, brokerAddress } = cluster
  console.log(`RocketMQ ${version}: name server ${namesrv}, broker-a ${brokerAddress}, files in ${directory}`)
}

async function existing(args: string[]): Promise<Cluster> {
  const { values } = parseArgs({ args, options: { dir: { type: 'string' } } })
  const file = path.join(path.resolve(values.dir ?? defaultFolder()), 'cluster.json')
  return new Cluster(JSON.parse(await readFile(file, 'utf8')) as ClusterAddress)
}

function defaultFolder(): string {
  return path.join(cacheFolder(), 'cluster')
}

async function admin([version = '', ...args]: string[]): Promise<void> {
  const { status, stdout, stderr } = await mqadmin(version, args)
  process.stdout.write(stdout)
  process.stderr.write(stderr)
  process.exitCode = status ?? 1
}

async function java([version = '', ...args]: string[]): Promise<void> {
  const command = peerArguments(await peerClassPath(version), path.join(cacheFolder(), 'peer'), args)
  const child = spawn('java', command, { stdio: 'inherit' })
  // The terminal's ^C reaches both; this one stays to tell how the other ended.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [status] = (await once(child, 'close')) as [number | null]
  process.exitCode = status ?? 1
}

async function main(): Promise<void> {
  const problem = await obstacle()
  if (problem !== undefined) throw new Error(problem)
  switch (command) {
    case 'up':
      await up(rest)
      return
    case 'down':
      await (await existing(rest)).stop()
      return
    case 'kill-broker':
      await (await existing(rest)).killBroker()
      return
    case 'stop-broker':
      await (await existing(rest)).stopBroker()
      return
    case 'start-broker':
      await (await existing(rest)).startBroker()
      return
    case 'mqadmin':
      await admin(rest)
      return
    case 'java':
      await java(rest)
      return
    default:
      throw new Error(usage)
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
