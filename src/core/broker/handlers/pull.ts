import { noBody, type Operations, Perm, PullSysFlag, type RequestOf, ResponseCode } from '../../protocol/index.ts'
import type { BrokerServices } from '../broker-services.ts'
import { requireGroup } from '../group-rules.ts'
import { pullSubscription, type Wanted } from '../pull-subscription.ts'
import { type Handlers, type Reply, type RequestContext, ResponseFailure } from '../reply.ts'
import type { ReadStatus } from '../store/queue-reader.ts'
import { requireTopic } from '../topic-rules.ts'

type Services = Pick<
  BrokerServices,
  'groups' | 'topics' | 'reader' | 'offsets' | 'polling' | 'consumers' | 'messages' | 'traffic'
>
type PullRequest = RequestOf<Operations['pullMessage']>
type PullReply = Reply<'pullMessage'>

/** The longest a pull is held, whatever the client asks. */
const MAX_HOLD_MS = 120_000

/** Pulling (`PullMessageProcessor.java`). */
export function pullHandlers(services: Services): Handlers {
  return {
    pullMessage: (request, context) => pull(services, request, context),
    litePullMessage: (request, context) => pull(services, request, context),
  }
}

function pull(services: Services, request: PullRequest, context: RequestContext): PullReply | Promise<PullReply> {
  checkPull(services, request)
  const wanted = pullSubscription(services, request)
  const reply = read(services, request, wanted, true)
  const mayHold = (request.sysFlag & PullSysFlag.SUSPEND) !== 0 && reply.outcome === 'NO_NEW'
  return mayHold ? hold(services, request, wanted, context) : reply
}

async function hold(
  services: Services,
  request: PullRequest,
  wanted: Wanted,
  { channel }: RequestContext,
): Promise<PullReply> {
  await services.polling.wait({
    channel,
    group: request.consumerGroup,
    queues: [{ topic: request.topic, queueId: request.queueId, offset: request.queueOffset }],
    timeoutMs: Math.min(Math.max(request.suspendTimeoutMillis ?? 0, 0), MAX_HOLD_MS),
    wanted: wanted.wanted,
  })
  checkPull(services, request)
  return read(services, request, wanted, false)
}

function checkPull({ groups, topics }: Services, { consumerGroup, topic, queueId }: PullRequest): void {
  const group = requireGroup(groups, consumerGroup)
  if (!group.consumeEnable) {
    throw new ResponseFailure(ResponseCode.NO_PERMISSION, `subscription group no permission, ${consumerGroup}`)
  }
  const { config } = requireTopic(topics, topic)
  if ((config.perm & Perm.READ) === 0) {
    throw new ResponseFailure(ResponseCode.NO_PERMISSION, `the topic[${topic}] pulling message is forbidden`)
  }
  if (!groups.mayRead(consumerGroup, topic)) {
    const remark = `the consumer group[${consumerGroup}] is forbidden for topic[${topic}]`
    throw new ResponseFailure(ResponseCode.NO_PERMISSION, remark)
  }
  if (queueId >= 0 && queueId < config.readQueueNums) return
  throw new ResponseFailure(
    ResponseCode.INVALID_PARAMETER,
    `queueId[${queueId}] is illegal, topic:[${topic}] topicConfig.readQueueNums:[${config.readQueueNums}] consumer:[${consumerGroup}]`,
  )
}

const outcomes: Readonly<Record<ReadStatus, PullReply['outcome']>> = {
  FOUND: 'FOUND',
  NO_MATCHED_MESSAGE: 'NO_MATCHED',
  MESSAGE_WAS_REMOVING: 'NO_MATCHED',
  NO_MESSAGE_IN_QUEUE: 'NO_NEW',
  OFFSET_OVERFLOW_ONE: 'NO_NEW',
  OFFSET_TOO_SMALL: 'OFFSET_MOVED',
  OFFSET_OVERFLOW_BADLY: 'OFFSET_MOVED',
}

function read(services: Services, request: PullRequest, wanted: Wanted, mayCommit: boolean): PullReply {
  const { consumerGroup, topic, queueId, queueOffset, maxMsgNums } = request
  const reset = services.offsets.takeReset(consumerGroup, topic, queueId)
  if (reset !== undefined) {
    // What the client would commit here is from before the reset.
    const { min, max } = services.messages.bounds(topic, queueId)
    return answer('OFFSET_MOVED', 'OFFSET_RESET', { nextBeginOffset: reset, min, max })
  }
  const result = services.reader.read({ topic, queueId, offset: queueOffset, maxMessages: maxMsgNums, ...wanted })
  services.traffic.pulled(consumerGroup, topic, result.records.length)
  services.offsets.pulledTo(consumerGroup, topic, queueId, result.nextBeginOffset)
  if (mayCommit && request.sysFlag & PullSysFlag.COMMIT_OFFSET && (request.commitOffset ?? -1) >= 0) {
    services.offsets.commit(consumerGroup, topic, queueId, request.commitOffset ?? 0)
  }
  // An offset beyond a queue that never had a message is as wrong as any other.
  const moved = result.status === 'NO_MESSAGE_IN_QUEUE' && queueOffset !== 0
  const outcome = moved ? 'OFFSET_MOVED' : outcomes[result.status]
  return answer(outcome, result.status, result, result.records)
}

function answer(
  outcome: PullReply['outcome'],
  remark: string,
  bounds: { readonly nextBeginOffset: number; readonly min: number; readonly max: number },
  records: readonly Buffer[] = [],
): PullReply {
  return {
    outcome,
    remark,
    suggestWhichBrokerId: 0,
    nextBeginOffset: bounds.nextBeginOffset,
    minOffset: bounds.min,
    maxOffset: bounds.max,
    topicSysFlag: 0,
    groupSysFlag: 0,
    body: records.length === 0 ? noBody : Buffer.concat(records),
  }
}
