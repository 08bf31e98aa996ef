import type { ClientInstance } from '../../client/index.ts'
import { BrokerResponseError, RocketMQError } from '../../errors.ts'
import { queueKey } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import type { Master } from '../cluster-masters.ts'
import type { Mechanism } from './mechanism.ts'
import type { PlannedQueue } from './reset-plan.ts'

/** A plan with all it takes to carry it out. */
export interface ResetWork {
  readonly group: string
  readonly topic: string
  /** Every queue of the plan, those that stay, too. */
  readonly rows: readonly PlannedQueue[]
  /** By broker name; a broker left out is not touched. */
  readonly mechanisms: ReadonlyMap<string, Mechanism>
  readonly masters: ReadonlyMap<string, Master>
  /** What members are told, by broker name: ms since the epoch, 0 for the beginning, -1 for the end. */
  readonly timestamps: ReadonlyMap<string, number>
}

/** What became of the request that was to move a queue. */
export interface AppliedQueue {
  readonly row: PlannedQueue
  readonly mechanism: Mechanism
  /** `unknown`: nobody answered, and the broker may still carry it out. */
  readonly outcome: 'applied' | 'refused' | 'unknown'
  readonly error: RocketMQError | undefined
}

interface Parts {
  readonly client: ClientInstance
  readonly work: ResetWork
  readonly wait: InvokeOptions
}

/**
 * Asks brokers to move what a plan moves, all at once; one that fails does not keep the others from it. Nothing is proved
 * by it: see `verifyReset`.
 */
export async function applyReset(
  client: ClientInstance,
  work: ResetWork,
  wait: InvokeOptions,
): Promise<readonly AppliedQueue[]> {
  const applied = [...work.mechanisms].map(async ([brokerName, mechanism]) => {
    const rows = work.rows.filter(({ queue }) => queue.brokerName === brokerName)
    if (rows.every(({ effect }) => effect === 'NOOP')) return []
    return mechanism === 'client-push'
      ? pushToMembers({ client, work, wait }, brokerName, rows)
      : oneByOne({ client, work, wait }, mechanism, rows)
  })
  return (await Promise.all(applied)).flat()
}

function oneByOne(parts: Parts, mechanism: Mechanism, rows: readonly PlannedQueue[]): Promise<AppliedQueue[]> {
  const moving = rows.filter(({ effect }) => effect !== 'NOOP')
  return Promise.all(
    moving.map((row) =>
      attempt([row], mechanism, async () => {
        if (mechanism === 'commit') await commit(parts, row)
        else await setAtBroker(parts, row)
        return [row]
      }),
    ),
  ).then((all) => all.flat())
}

/** The broker refuses unless every queue has a commit, so those without one get theirs first. */
function pushToMembers(parts: Parts, brokerName: string, rows: readonly PlannedQueue[]): Promise<AppliedQueue[]> {
  return attempt(rows, 'client-push', async () => {
    const { client, work, wait } = parts
    await Promise.all(rows.filter(({ effect }) => effect === 'SEED').map((row) => commit(parts, row)))
    const { topic, group } = work
    const timestamp = work.timestamps.get(brokerName) ?? -1
    const request = { topic, group, timestamp, isForce: true }
    const { body } = await client.remoting.invoke(
      addressOf(work, brokerName),
      'invokeBrokerToResetOffset',
      request,
      wait,
    )
    // What has arrived since the plan counts: the broker's word is where members go.
    const told = new Map(body.offsetTable.map(([queue, offset]) => [queueKey(queue), offset]))
    return rows
      .filter(({ effect }) => effect !== 'NOOP')
      .map((row) => ({ ...row, target: told.get(queueKey(row.queue)) ?? row.target }))
  })
}

async function commit({ client, work, wait }: Parts, { queue, target }: PlannedQueue): Promise<void> {
  const { topic, queueId, brokerName: bname } = queue
  const request = { consumerGroup: work.group, topic, queueId, bname, commitOffset: target }
  await client.remoting.invoke(addressOf(work, bname), 'updateConsumerOffset', request, wait)
}

async function setAtBroker({ client, work, wait }: Parts, { queue, target }: PlannedQueue): Promise<void> {
  const { topic, queueId, brokerName } = queue
  const request = { topic, group: work.group, timestamp: 0, isForce: true, queueId, offset: target }
  await client.remoting.invoke(addressOf(work, brokerName), 'invokeBrokerToResetOffset', request, wait)
}

function addressOf({ masters }: ResetWork, brokerName: string): string {
  const master = masters.get(brokerName)
  if (master === undefined) throw new RocketMQError('UNREACHABLE', `broker ${brokerName} has no master`)
  return master.address
}

/** A refusal is an answer; anything else leaves open whether the broker does it after all. */
async function attempt(
  rows: readonly PlannedQueue[],
  mechanism: Mechanism,
  work: () => Promise<readonly PlannedQueue[]>,
): Promise<AppliedQueue[]> {
  try {
    return (await work()).map((row) => ({ row, mechanism, outcome: 'applied', error: undefined }))
  } catch (error) {
    if (!(error instanceof RocketMQError)) throw error
    const outcome = error instanceof BrokerResponseError ? 'refused' : 'unknown'
    const moving = rows.filter(({ effect }) => effect !== 'NOOP')
    return moving.map((row) => ({ row, mechanism, outcome, error }))
  }
}
