import { ClientInstance, type GroupMember } from '../../src/core/client/index.ts'
import {
  type ConsumerRunningInfo,
  type MessageQueue,
  type ProcessQueueInfo,
  tagSubscription,
} from '../../src/core/protocol/index.ts'
import { tcpConnect } from '../../src/core/remoting/index.ts'
import { silentLogger, systemClock } from '../../src/core/support/index.ts'

/** What a member under test says of itself. */
export interface PlantedMember {
  readonly clientId: string
  readonly group: string
  /** Expression by topic. */
  readonly subscriptions: Readonly<Record<string, string>>
  readonly holds: readonly MessageQueue[]
  readonly properties?: Readonly<Record<string, string>>
}

/** A ProcessQueue in which nothing waits. */
const idleQueue: ProcessQueueInfo = {
  cachedMsgCount: 0,
  cachedMsgMaxOffset: 0,
  cachedMsgMinOffset: 0,
  cachedMsgSizeInMiB: 0,
  commitOffset: 0,
  droped: false,
  lastConsumeTimestamp: 0,
  lastLockTimestamp: 0,
  lastPullTimestamp: 0,
  locked: true,
  transactionMsgCount: 0,
  transactionMsgMaxOffset: 0,
  transactionMsgMinOffset: 0,
  tryUnlockTimes: 0,
}

/** The running info of a member as told. */
export function plantedInfo(
  planted: Pick<PlantedMember, 'subscriptions' | 'holds' | 'properties'>,
): ConsumerRunningInfo {
  return {
    jstack: undefined,
    mqPopTable: [],
    mqTable: planted.holds.map((queue) => [queue, idleQueue] as const),
    properties: new Map(
      Object.entries({
        PROP_CONSUME_TYPE: 'CONSUME_PASSIVELY',
        PROP_CONSUMER_START_TIMESTAMP: '1000',
        allocateMessageQueueStrategy:
          'org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely@6d06d69c',
        ...planted.properties,
      }),
    ),
    statusTable: new Map(),
    subscriptionSet: subscriptionsOf(planted),
    userConsumerInfo: new Map(),
  }
}

/** Connects a member that consumes nothing and claims what it is told to; resolves when the broker lists it. */
export async function plant(address: string, planted: PlantedMember): Promise<ClientInstance> {
  const client = new ClientInstance({
    nameServers: [address],
    clientId: planted.clientId,
    connect: tcpConnect(),
    clock: systemClock,
    logger: silentLogger,
  })
  await Promise.all(Object.keys(planted.subscriptions).map((topic) => client.routes.refresh(topic)))
  client.join(memberOf(planted))
  await client.heartbeat()
  return client
}

function memberOf(planted: PlantedMember): GroupMember {
  return {
    group: planted.group,
    heartbeat: () => ({
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      consumeType: 'CONSUME_PASSIVELY',
      groupName: planted.group,
      messageModel: 'CLUSTERING',
      subscriptionDataSet: subscriptionsOf(planted),
      unitMode: false,
    }),
    membersChanged: () => undefined,
    resetOffsets: () => undefined,
    offsets: () => [],
    runningInfo: ({ stack }) =>
      Promise.resolve({ ...plantedInfo(planted), jstack: stack ? 'the stack of\n  this member' : undefined }),
    consumeDirectly: () => Promise.reject(new Error('it consumes nothing')),
  }
}

function subscriptionsOf({ subscriptions }: Pick<PlantedMember, 'subscriptions'>) {
  return Object.entries(subscriptions).map(([topic, expression]) => tagSubscription(topic, expression, 1))
}
