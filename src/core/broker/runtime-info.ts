import { BROKER_VERSION, EMBEDDED_BROKER_MARK, versionName } from '../protocol/index.ts'
import type { BrokerServices } from './broker-services.ts'
import type { DayTotals } from './day-totals.ts'
import type { RateMeter } from './rate-meter.ts'
import type { ConsumeQueues } from './store/consume-queue.ts'
import { SCHEDULE_TOPIC } from './store/delay-levels.ts'

type Services = Pick<
  BrokerServices,
  'clock' | 'identity' | 'traffic' | 'log' | 'queues' | 'topics' | 'delayLevels' | 'usage'
>
type Pairs = readonly (readonly [string, string])[]

/**
 * What GET_BROKER_RUNTIME_INFO answers (`AdminBrokerProcessor#prepareRuntimeInfo`): every key that mqadmin 4.9 and 5.x read
 * without asking whether it is there, and those that mean something here.
 */
export function runtimeInfo(services: Services): ReadonlyMap<string, string> {
  const { clock, log, usage } = services
  const { startedAt } = services.identity()
  const { place, usedRatio } = usage()
  const ratio = usedRatio.toFixed(4)
  return new Map([
    [EMBEDDED_BROKER_MARK.key, EMBEDDED_BROKER_MARK.value],
    ['brokerVersionDesc', `V${versionName(BROKER_VERSION).replaceAll('.', '_')}`],
    ['brokerVersion', String(BROKER_VERSION)],
    ['brokerActive', 'true'],
    ['bootTimestamp', String(startedAt)],
    ['runtime', runtimeText(clock.now() - startedAt)],
    ...trafficInfo(services),
    ...withoutQueues,
    ['earliestMessageTimeStamp', String(log.earliestStoreTime ?? -1)],
    ['commitLogMinOffset', String(log.first)],
    ['commitLogMaxOffset', String(log.next)],
    ['commitLogDiskRatio', ratio],
    [`commitLogDiskRatio_${place}`, ratio],
    ['consumeQueueDiskRatio', ratio],
    ...delayInfo(services),
  ])
}

/** Requests wait in no queue here and writes in no page cache: these are 0 by nature. */
const withoutQueues: Pairs = [
  'sendThreadPoolQueueSize',
  'pullThreadPoolQueueSize',
  'queryThreadPoolQueueSize',
  'ackThreadPoolQueueSize',
  'litePullThreadPoolQueueSize',
  'EndTransactionQueueSize',
  'sendThreadPoolQueueHeadWaitTimeMills',
  'pullThreadPoolQueueHeadWaitTimeMills',
  'queryThreadPoolQueueHeadWaitTimeMills',
  'ackThreadPoolQueueHeadWaitTimeMills',
  'litePullThreadPoolQueueHeadWaitTimeMills',
  'pageCacheLockTimeMills',
  'dispatchBehindBytes',
  'remainHowManyDataToFlush',
  'timerReadBehind',
  'timerOffsetBehind',
  'timerCongestNum',
  'timerEnqueueTps',
  'timerDequeueTps',
].map((name) => [name, '0'])

function trafficInfo({ traffic, clock }: Services): Pairs {
  const { found, missed, got, put, putTotals, gotTotals } = traffic
  return [
    ['putTps', rates(put)],
    ['getTransferredTps', rates(got)],
    // 4.9 spells it so.
    ['getTransferedTps', rates(got)],
    ['getFoundTps', rates(found)],
    ['getMissTps', rates(missed)],
    ['getTotalTps', rates(found, missed)],
    ...totals('msgPutTotal', putTotals, clock.now()),
    ...totals('msgGetTotal', gotTotals, clock.now()),
  ]
}

/** Per second over 10 s, 1 min and 10 min. */
function rates(...meters: readonly RateMeter[]): string {
  return [10, 60, 600]
    .map((seconds) => meters.reduce((sum, meter) => sum + meter.perSecond(seconds), 0).toFixed(2))
    .join(' ')
}

function totals(name: string, counted: DayTotals, nowMs: number): Pairs {
  const { now, thisMorning, yesterdayMorning } = counted.read(nowMs)
  return [
    [`${name}TodayNow`, String(now)],
    [`${name}TodayMorning`, String(thisMorning)],
    [`${name}YesterdayMorning`, String(yesterdayMorning)],
  ]
}

/** How far each delay level has come: the first message that still waits, and the end of its queue. */
function delayInfo({ clock, queues, topics, delayLevels }: Services): Pairs {
  const topicId = topics.get(SCHEDULE_TOPIC)?.id ?? 0
  return Array.from({ length: delayLevels.highest }, (_, queueId) => {
    const { max } = queues.state(topicId, queueId)
    return [`scheduleMessageOffset_${queueId + 1}`, `${firstWaiting(queues, topicId, queueId, clock.now())},${max}`]
  })
}

/** Within a level messages are due in the order they came, and their entries tell when. */
function firstWaiting(queues: ConsumeQueues, topicId: number, queueId: number, nowMs: number): number {
  let { min: low, max: high } = queues.state(topicId, queueId)
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((queues.entry(topicId, queueId, middle)?.tagsCode ?? 0) > nowMs) high = middle
    else low = middle + 1
  }
  return low
}

function runtimeText(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000)
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor(seconds / 3600) % 24
  return `[ ${days} days, ${hours} hours, ${Math.floor(seconds / 60) % 60} minutes, ${seconds % 60} seconds ]`
}
