import type { ClientInstance } from '../../client/index.ts'
import { type MessageQueue, queueKey } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import type { AppliedQueue, ResetWork } from './apply-reset.ts'
import { committedOffsets } from './committed.ts'
import { FanOut } from './fan-out.ts'
import { askMembers, droppedQueues, findConnections, ownersByQueue } from './group-members.ts'
import type { QueueOwner } from './queue-progress.ts'
import { QueueVerdict, type Sighting } from './queue-verdict.ts'

/** What has been proved of a queue that was to move. */
export interface VerifiedQueue {
  readonly queue: MessageQueue
  readonly target: number
  readonly committed: number | undefined
  /** `unknown`: the broker has not answered since, and may do it later. */
  readonly state: 'moved' | 'pending' | 'refused' | 'unknown'
  /** What is known of why it has not moved. */
  readonly why: string | undefined
}

/** How to verify. */
export interface VerifyOptions {
  /** The only owner of each queue as it was before, by queue key. */
  readonly ownersBefore: ReadonlyMap<string, QueueOwner>
  /** Whether members consume the topic. */
  readonly live: boolean
  readonly timeoutMs: number
  readonly wait: InvokeOptions
  /** Told after each look how many have moved. */
  readonly onLook?: (moved: number) => void
}

/** How often it is looked, and how long one look may take: a member that is frozen answers nothing. */
const LOOK_MS = 200
const ANSWER_MS = 1500

/**
 * Looks again and again until every queue has really moved, or time is up. Never rejects for what brokers and members do;
 * rejects with the signal's reason.
 */
export async function verifyReset(
  client: ClientInstance,
  work: ResetWork,
  applied: readonly AppliedQueue[],
  options: VerifyOptions,
): Promise<readonly VerifiedQueue[]> {
  const { clock } = client
  const { ownersBefore, live, timeoutMs, wait, onLook } = options
  const watched = applied
    .filter(({ outcome }) => outcome !== 'refused')
    .map((one) => {
      const ownerBefore = ownersBefore.get(queueKey(one.row.queue))
      return { ...one, verdict: new QueueVerdict({ row: one.row, mechanism: one.mechanism, ownerBefore, live }) }
    })
  const end = clock.monotonic() + timeoutMs
  const queues = watched.map(({ row }) => row.queue)
  for (;;) {
    const sightings = await look(client, work, { queues, live, wait })
    for (const { row, verdict } of watched) verdict.see(sightings(row.queue), clock.monotonic())
    const moved = watched.filter(({ verdict }) => verdict.moved).length
    onLook?.(moved)
    if (moved === watched.length || clock.monotonic() >= end) break
    await clock.sleep(LOOK_MS, { signal: wait.signal })
  }
  const verdicts = new Map(watched.map(({ row, verdict }) => [queueKey(row.queue), verdict]))
  return applied.map((one) => verified(one, verdicts.get(queueKey(one.row.queue))))
}

function verified({ row, outcome, error }: AppliedQueue, verdict: QueueVerdict | undefined): VerifiedQueue {
  const base = { queue: row.queue, target: row.target, committed: verdict?.committed }
  if (verdict === undefined) return { ...base, state: 'refused', why: error?.message }
  if (verdict.moved) return { ...base, state: 'moved', why: undefined }
  if (outcome === 'unknown') {
    const seen = verdict.committed === undefined ? 'and has not since' : `and ${verdict.why()}`
    return { ...base, state: 'unknown', why: `outcome unknown: ${error?.message ?? 'no answer'}, ${seen}` }
  }
  return { ...base, state: 'pending', why: verdict.why() }
}

/** Broker first, then members: what is committed is then never ahead of where its owner is seen. */
async function look(
  client: ClientInstance,
  { group, masters, mechanisms }: ResetWork,
  asked: { readonly queues: readonly MessageQueue[]; readonly live: boolean; readonly wait: InvokeOptions },
): Promise<(queue: MessageQueue) => Sighting> {
  const fanOut = new FanOut()
  const wait = { ...asked.wait, timeoutMs: ANSWER_MS }
  const committed = new Map<string, number>()
  const brokers = [...masters.values()].filter(({ brokerName }) => mechanisms.has(brokerName))
  const reads = brokers.map(async (master) => {
    const queues = asked.queues.filter(({ brokerName }) => brokerName === master.brokerName)
    const question = { group, queues, master, sure: true }
    const found = await fanOut.ask(master.brokerName, () => committedOffsets(client, question, wait))
    for (const [key, offset] of found ?? []) committed.set(key, offset)
  })
  const parts = { fanOut, masters: [...masters.values()], wait }
  const [connections] = await Promise.all([
    asked.live ? findConnections(client, group, parts) : undefined,
    Promise.all(reads),
  ])
  const members = connections === undefined ? [] : await askMembers(client, group, { connections, fanOut, wait })
  const owners = ownersByQueue(members)
  const silent = members.filter((member) => member.silent !== undefined).map(({ clientId }) => clientId)
  const dropped = droppedQueues(members)
  const unknown = brokersFailed(fanOut, [...masters.keys()])
  return (queue) => ({
    committed: committed.get(queueKey(queue)),
    owners: owners.get(queueKey(queue)) ?? [],
    silent,
    unsettled: unknown || dropped.has(queueKey(queue)),
  })
}

function brokersFailed(fanOut: FanOut, names: readonly string[]): boolean {
  return names.some((name) => fanOut.errorOf(name) !== undefined)
}
