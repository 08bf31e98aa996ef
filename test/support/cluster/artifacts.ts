import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { mustRun, run } from './run.ts'

const java = (file: string): string => fileURLToPath(new URL(`../../java/${file}`, import.meta.url))

/** Where jars and compiled classes are kept between runs: `MQ_CLUSTER_CACHE`, else under the user's cache folder. */
export function cacheFolder(): string {
  const home = process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache')
  return process.env['MQ_CLUSTER_CACHE'] ?? path.join(home, 'mq-cluster')
}

/** Why no cluster can be run here, if none can. */
export async function obstacle(): Promise<string | undefined> {
  for (const [program, flag] of [
    ['java', '-version'],
    ['javac', '-version'],
    ['mvn', '-version'],
  ] as const) {
    const works = await run(program, [flag]).then(
      ({ status }) => status === 0,
      () => false,
    )
    if (!works) return `${program} is not installed (a JDK of 17 or newer and Maven are needed)`
  }
  return undefined
}

/** The class path of a RocketMQ version: name server, broker, tools and client. Fetched through Maven the first time. */
export async function classPath(version: string): Promise<string> {
  const jars = path.join(cacheFolder(), version, 'jars')
  await once(jars, async (folder) => {
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`]
    await mustRun('mvn', ['-q', '-B', '-f', java('pom.xml'), ...goal, `-Drocketmq.version=${version}`])
  })
  return path.join(jars, '*')
}

/** The class path of the Java peer of this version, compiled whenever its source changed. */
export async function peerClassPath(version: string): Promise<string> {
  const jars = await classPath(version)
  const source = java('Peer.java')
  const hash = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 12)
  const classes = path.join(cacheFolder(), version, `peer-${hash}`)
  await once(classes, async (folder) => {
    await mustRun('javac', ['-nowarn', '-proc:none', '-XDsuppressNotes', '-d', folder, '-cp', jars, source])
  })
  return `${classes}${path.delimiter}${jars}`
}

/** Makes a folder whole or not at all, also when several processes want it at the same time. */
async function once(folder: string, make: (unfinished: string) => Promise<void>): Promise<void> {
  if (existsSync(folder)) return
  await mkdir(path.dirname(folder), { recursive: true })
  const unfinished = await mkdtemp(`${folder}.`)
  try {
    await make(unfinished)
    await rename(unfinished, folder)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    // Another process was faster.
    if (!existsSync(folder)) throw error
  }
}
