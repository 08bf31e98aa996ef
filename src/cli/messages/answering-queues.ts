import { missingBrokers } from '../../core/admin/index.ts'
import { RocketMQError } from '../../core/errors.ts'
import { queueName } from '../../core/protocol/index.ts'
import { halved, type InvokeOptions } from '../../core/remoting/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import type { ConsumeSettings } from '../consume/consume-settings.ts'
import { invokeOptions } from '../invoke-options.ts'

/** A broker that does not answer, and why. */
interface Silent {
  readonly broker: string
  readonly error: RocketMQError
}

/** Settings for what can be read, and who cannot be asked. */
export interface Reachable {
  readonly settings: ConsumeSettings
  readonly silent: readonly Silent[]
}

/**
 * Leaves out the queues of brokers that do not answer, as long as others do: a look at a topic shows what there is to
 * see. Takes half of the command's time at most. Rejects as reading would when nobody answers.
 */
export async function leaveOutSilent(
  settings: ConsumeSettings,
  { context, connection }: { readonly context: CommandContext; readonly connection: Connection },
): Promise<Reachable> {
  const { client } = connection
  const route = await client.routes.get(connection.wireName(settings.topic), invokeOptions(context))
  const wanted = settings.flags.queue?.map((name) => name.trim())
  const queues = (route?.subscribeQueues ?? []).filter((queue) => wanted?.includes(queueName(queue)) ?? true)
  const ofBroker = new Map(queues.map((queue) => [queue.brokerName, queue]))
  const half = halved(invokeOptions(context))
  const [asked, lost] = await Promise.all([
    Promise.all(
      [...ofBroker.values()].map((queue) => ask(queue.brokerName, () => client.queueOffsets.max(queue, half))),
    ),
    lostBrokers(connection, half),
  ])
  const silent = asked.filter((one) => one !== undefined)
  if (silent.length === 0 || silent.length === ofBroker.size) return { settings, silent: lost }
  const gone = new Set(silent.map(({ broker }) => broker))
  const queue = queues.filter(({ brokerName }) => !gone.has(brokerName)).map(queueName)
  return { settings: { ...settings, flags: { ...settings.flags, queue } }, silent: [...silent, ...lost] }
}

/** Those that are expected and may have had something of the topic. */
async function lostBrokers({ client }: Connection, wait: InvokeOptions): Promise<readonly Silent[]> {
  const missing = await missingBrokers(client, wait)
  const asked = await Promise.all(missing.map((name) => ask(name, () => client.remoting.connect(name))))
  return asked.filter((one) => one !== undefined)
}

async function ask(broker: string, question: () => Promise<unknown>): Promise<Silent | undefined> {
  try {
    await question()
    return undefined
  } catch (error) {
    if (!(error instanceof RocketMQError)) throw error
    return { broker, error }
  }
}
