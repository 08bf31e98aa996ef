import type { GroupMemberFacts } from '../../core/admin/index.ts'
import { type StrategyWord } from '../allocation-strategy.ts'

/** The strategies by the names of Java's classes and of the strategies themselves, which members of ours tell. */
const words: ReadonlyMap<string, StrategyWord> = new Map([
  ['AllocateMessageQueueAveragely', 'average'],
  ['AllocateMessageQueueAveragelyByCircle', 'circle'],
  ['AllocateMessageQueueConsistentHash', 'consistent-hash'],
  ['AllocateMessageQueueByConfig', 'config'],
  ['AllocateMessageQueueByMachineRoom', 'machine-room'],
  ['AllocateMachineRoomNearby', 'machine-room-nearby'],
  ['AVG', 'average'],
  ['AVG_BY_CIRCLE', 'circle'],
  ['CONSISTENT_HASH', 'consistent-hash'],
  ['CONFIG', 'config'],
  ['MACHINE_ROOM', 'machine-room'],
])

/**
 * The strategy a member says it shares queues by: a word of ours, or the name of its own. `undefined` where it does not
 * tell, or leaves the sharing to the broker. Java members tell `package.Class@hash` (`ConsumerRunningInfo`), by reflection.
 */
export function declaredStrategy({ info }: Pick<GroupMemberFacts, 'info'>): string | undefined {
  const told = info?.properties.get('allocateMessageQueueStrategy')
  if (!told || info?.properties.get('clientRebalance') === 'false') return undefined
  const name = told.replace(/@[0-9a-f]+$/, '').replace(/^.*[.$]/, '')
  if (name.startsWith('MACHINE_ROOM_NEARBY-')) return 'machine-room-nearby'
  return words.get(name) ?? name
}
