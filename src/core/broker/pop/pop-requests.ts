import {
  formatPopOffsets,
  noBody,
  type Operations,
  Perm,
  PullSysFlag,
  type RequestOf,
  ResponseCode,
} from '../../protocol/index.ts'
import type { BrokerServices } from '../broker-services.ts'
import { requireGroup } from '../group-rules.ts'
import { pullSubscription } from '../pull-subscription.ts'
import { type Reply, type RequestContext, ResponseFailure } from '../reply.ts'
import { requireTopic } from '../topic-rules.ts'
import { type Pop, type PopPlace, type PopResult, popPlaces, popQueues, REVIVE_QUEUE } from './pop-queues.ts'

type PopRequest = RequestOf<Operations['popMessage']>
type PopReply = Reply<'popMessage'>

const MAX_MESSAGES = 32
/** The longest a POP is held, whatever the client asks. */
const MAX_HOLD_MS = 120_000

/** Answers POP, holding requests for which there is nothing yet (`PopMessageProcessor.java`). */
export class PopRequests {
  readonly #services: BrokerServices
  #turn = 0

  constructor(services: BrokerServices) {
    this.#services = services
  }

  async pop(request: PopRequest, { channel }: RequestContext): Promise<PopReply> {
    const { clock, polling } = this.#services
    const until = clock.monotonic() + this.#holdMs(request)
    for (;;) {
      const pop = this.#check(request)
      const places = popPlaces(this.#services, pop, this.#turn++)
      const result = popQueues(this.#services, pop, places)
      if (result.queues.length > 0) return this.#found(pop, result)
      const timeoutMs = until - clock.monotonic()
      const again =
        timeoutMs > 0 &&
        (await polling.wait({
          channel,
          group: pop.group,
          queues: this.#awaited(pop, places),
          timeoutMs,
          wanted: pop.wanted.wanted,
        }))
      if (!again)
        return { outcome: 'POLLING_TIMEOUT', ...header(pop, result), remark: 'NO_MESSAGE_IN_QUEUE', body: noBody }
    }
  }

  /** Counted from the client's word for now, or from now by this clock. */
  #holdMs({ bornTime, pollTime }: PopRequest): number {
    const passed = bornTime > 0 ? this.#services.clock.now() - bornTime : 0
    return Math.min(Math.max(pollTime - passed, 0), MAX_HOLD_MS)
  }

  #check(request: PopRequest): Pop {
    const { groups, topics, messages } = this.#services
    const { consumerGroup, topic, queueId, maxMsgNums, invisibleTime, order } = request
    if (maxMsgNums < 1 || maxMsgNums > MAX_MESSAGES || invisibleTime < 0) {
      const remark = `maxMsgNums ${maxMsgNums} or invisibleTime ${invisibleTime} is illegal; 1 to ${MAX_MESSAGES} messages are allowed`
      throw new ResponseFailure(ResponseCode.INVALID_PARAMETER, remark)
    }
    if (order === true) {
      throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, 'this broker does not support ordered POP')
    }
    const { consumeEnable } = requireGroup(groups, consumerGroup)
    const { config } = requireTopic(topics, topic)
    if (!consumeEnable || (config.perm & Perm.READ) === 0) {
      const remark = `the group ${consumerGroup} or the topic ${topic} does not permit consuming`
      throw new ResponseFailure(ResponseCode.NO_PERMISSION, remark)
    }
    if (queueId >= config.readQueueNums) {
      const remark = `queueId[${queueId}] is illegal, topic:[${topic}] topicConfig.readQueueNums:[${config.readQueueNums}] consumer:[${consumerGroup}]`
      throw new ResponseFailure(ResponseCode.INVALID_PARAMETER, remark)
    }
    const filter = { subscription: request.exp, expressionType: request.expType, sysFlag: PullSysFlag.SUBSCRIPTION }
    return {
      group: consumerGroup,
      topic,
      queueId,
      maxMessages: maxMsgNums,
      invisibleMs: invisibleTime,
      popTimeMs: messages.now(),
      fromMin: request.initMode === 0,
      wanted: pullSubscription(this.#services, { consumerGroup, topic, ...filter }),
    }
  }

  #awaited({ group }: Pop, places: readonly PopPlace[]): { topic: string; queueId: number; offset: number }[] {
    const { offsets, messages } = this.#services
    return places.map(({ topic, queueId }) => {
      const offset = offsets.get(group, topic, queueId)?.offset ?? messages.bounds(topic, queueId).max
      return { topic, queueId, offset }
    })
  }

  async #found(pop: Pop, result: PopResult): Promise<PopReply> {
    // The offsets ride on the same commit: they were put down for it before.
    await this.#services.journal.write(result.writes)
    this.#services.revive(pop.popTimeMs + pop.invisibleMs)
    const starts = result.queues.map(({ offsets, ...queue }) => ({ ...queue, offsets: offsets.slice(0, 1) }))
    return {
      outcome: 'FOUND',
      remark: 'FOUND',
      ...header(pop, result),
      startOffsetInfo: formatPopOffsets(starts),
      msgOffsetInfo: formatPopOffsets(result.queues),
      body: Buffer.concat(result.queues.flatMap(({ records }) => records)),
    }
  }
}

function header(
  { popTimeMs, invisibleMs }: Pop,
  { rest }: PopResult,
): Pick<PopReply, 'popTime' | 'invisibleTime' | 'reviveQid' | 'restNum' | 'startOffsetInfo' | 'msgOffsetInfo'> {
  return {
    popTime: popTimeMs,
    invisibleTime: invisibleMs,
    reviveQid: REVIVE_QUEUE,
    restNum: rest,
    startOffsetInfo: '',
    msgOffsetInfo: '',
  }
}
