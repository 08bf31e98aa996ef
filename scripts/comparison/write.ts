import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { selectQueue } from '../../src/core/producer/index.ts'
import { clusterClient, clusterProducer, untilShown } from '../../test/support/cluster/client.ts'
import { type Cluster, startCluster } from '../../test/support/cluster/cluster.ts'
import { ConsumerScene, type GroupScene, type SceneName } from '../../test/support/cluster/consumer-scene.ts'
import { createTopic } from '../../test/support/cluster/remoting.ts'
import { mq } from '../../test/support/mq.ts'
import { chapters, wrongInputs } from './chapters.ts'
import type { Job, Subject } from './job.ts'

// Writes docs/comparison.md: each job typed once on real clusters with a scene of Java consumers, with what it took and
// whether the answer was right. Fails when one was not, or ended with another code than promised.

const VERSIONS = ['5.5.0', '4.9.7']
const SCENES: readonly SceneName[] = [
  ...(['slow', 'orderly', 'stuck', 'healthy', 'differ', 'twins'] as const),
  ...(['offline', 'failing', 'beyond'] as const),
]
const COUNT = 5000
/** Until members have told rates, and heads are old enough. */
const SETTLE_MS = 30_000

interface Outcome {
  readonly seconds: number
  readonly code: number | null
  readonly right: boolean
}

async function fill(cluster: Cluster, topic: string): Promise<Subject['needle']> {
  await createTopic(cluster, topic, 4)
  const client = clusterClient(cluster)
  const producer = clusterProducer(client)
  let needle = { msgId: '', place: '' }
  for (let number = 0; number < COUNT; number++) {
    const keys = number === 2500 ? ['needle'] : number < 100 ? ['many'] : []
    const selector = selectQueue('broker-a', number % 4)
    const sent = await producer.send({ topic, body: Buffer.from(String(number)), keys }, { selector })
    if (number === 2500) needle = { msgId: sent.msgId, place: `broker-a:${sent.queue.queueId}:${sent.queueOffset}` }
  }
  await untilShown(client, topic, COUNT)
  await producer.close()
  await client.close()
  return needle
}

async function attempt(job: Job, cluster: Cluster): Promise<Outcome> {
  const at = job.args.includes('-n') ? [] : ['-n', cluster.namesrv]
  const begin = performance.now()
  const result = await mq([...job.args, ...at])
  const seconds = (performance.now() - begin) / 1000
  const right = isRight(job, result)
  if (!right || result.code !== job.exit) {
    console.error(
      `${cluster.version}: ${job.args.join(' ')} ended with ${result.code}\n${result.stdout}${result.stderr}`,
    )
    process.exitCode = 1
  }
  return { seconds, code: result.code, right }
}

function isRight(job: Job, result: Awaited<ReturnType<typeof mq>>): boolean {
  try {
    return job.right(result)
  } catch {
    return false
  }
}

/** All jobs on a cluster of one version, by chapter. */
async function run(version: string): Promise<Map<string, { job: Job; outcome: Outcome }[]>> {
  const cluster = await startCluster({ version })
  const scene = new ConsumerScene(cluster, (name) => name)
  try {
    const made: [SceneName, GroupScene][] = []
    for (const name of SCENES) made.push([name, await scene.make(name)])
    const scenes = Object.fromEntries(made) as Subject['scenes']
    const subject = { scenes, topic: 'numbers', needle: await fill(cluster, 'numbers') }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    const done = new Map<string, { job: Job; outcome: Outcome }[]>()
    for (const { title, jobs } of [...chapters(subject), wrongInputs(subject)]) {
      const outcomes: { job: Job; outcome: Outcome }[] = []
      for (const job of jobs) outcomes.push({ job, outcome: await attempt(job, cluster) })
      done.set(title, outcomes)
    }
    return done
  } finally {
    await scene.close()
    await cluster.stop()
  }
}

const cell = ({ seconds, code, right }: Outcome): string =>
  `${seconds.toFixed(2)} s, ${code}, ${right ? 'right' : '**wrong**'}`

/** Without what names one run's cluster. */
const typed = ({ args }: Job): string =>
  `mq ${args.map((arg) => (/[\s'"]/.test(arg) ? `'${arg}'` : arg)).join(' ')}`.replace(/[0-9A-F]{32}/, 'ID')

function page(runs: ReadonlyMap<string, Awaited<ReturnType<typeof run>>>): string {
  const [first] = runs.values()
  const tables = [...(first ?? new Map<string, never>())].map(([title, outcomes]) => {
    const rows = outcomes.map(({ job }, index) => {
      const cells = [...runs.values()].map((done) => done.get(title)?.[index]?.outcome)
      return `| ${job.name} | \`${typed(job).replaceAll('|', '\\|')}\` | ${job.exit} | ${cells.map((one) => (one ? cell(one) : '')).join(' | ')} |`
    })
    const head = `| job | typed | promised | ${[...runs.keys()].join(' | ')} |\n| --- | --- | --: | ${[...runs.keys()].map(() => '---').join(' | ')} |`
    return `## ${title}\n\n${head}\n${rows.join('\n')}\n`
  })
  return `# Job by job

<!-- Written by \`npm run comparison\`; edit scripts/comparison. -->

What an operator wants of a cluster, as it is typed, with the seconds it took from the prompt to the prompt, the exit code, and whether the answer was right: seen on real
clusters of Apache RocketMQ ${[...runs.keys()].join(' and ')} with groups of Java consumers that have a fault each (\`test/cluster/doctor.test.ts\` makes the same ones). Every answer is
checked by the script that writes this page. For comparison: mqadmin takes 4 to 6 s for each command that talks to a cluster, and ends with 0 after exceptions.

Where a check looks twice, 2 s apart, it takes 2 s: queues that change hands are no fault.

${tables.join('\n')}`
}

const runs = new Map<string, Awaited<ReturnType<typeof run>>>()
for (const version of VERSIONS) runs.set(version, await run(version))
writeFileSync(path.join(import.meta.dirname, '../../docs/comparison.md'), page(runs))
