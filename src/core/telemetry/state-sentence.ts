import type { QueueState } from './snapshot.ts'

const sentences: Readonly<Record<QueueState, string>> = {
  OK: 'nothing waits, or it flows',
  BUSY: 'messages wait for a free listener',
  FLOW: 'the pull stands still at a limit of flow control',
  BLOCK: 'its head has not moved for a minute',
  STALL: 'there is something to read, and nobody has pulled for a minute',
  PAUSED: 'paused on purpose',
  NOLOCK: 'consumed in order, and without the lock of its broker',
  NOOWNER: 'nobody holds it',
  TWOOWNERS: 'several members hold it',
  UNKNOWN: 'its owner or its broker does not answer',
}

/** What a state means, as the end of a sentence. */
export function stateSentence(state: QueueState): string {
  return sentences[state]
}

/** Whether a queue in this state needs somebody's attention. FLOW and BUSY are a consumer that is slower than its producers. */
export function isFaulty(state: QueueState): boolean {
  return state !== 'OK' && state !== 'BUSY' && state !== 'FLOW' && state !== 'PAUSED'
}
