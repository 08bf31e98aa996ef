import type { MessageQueueAssignment, MessageRequestMode } from '../../protocol/index.ts'

/** Who asks for the queues of a topic, and among whom they are divided. */
export interface AssignmentRequest {
  readonly topic: string
  readonly brokerName: string
  readonly queues: number
  readonly clientId: string
  /** Sorted. */
  readonly clientIds: readonly string[]
  readonly strategyName: string
  readonly broadcasting: boolean
  readonly mode: MessageRequestMode | undefined
}

/** The share of one member; `undefined` for a strategy brokers do not know (`QueryAssignmentProcessor.java`). */
export function assignment(request: AssignmentRequest): readonly MessageQueueAssignment[] | undefined {
  const { mode, topic, brokerName } = request
  const popped = mode?.mode === 'POP' && !request.broadcasting
  const ids = popped ? poppedQueues(request, mode.popShareQueueNum) : pulledQueues(request)
  return ids?.map((queueId) => ({ messageQueue: { brokerName, queueId, topic }, mode: popped ? 'POP' : 'PULL' }))
}

function pulledQueues(request: AssignmentRequest): readonly number[] | undefined {
  const { queues, clientIds, clientId, strategyName, broadcasting } = request
  const ids = Array.from({ length: queues }, (_, id) => id)
  if (broadcasting) return ids
  const index = clientIds.indexOf(clientId)
  switch (strategyName) {
    case 'AVG':
      return index === -1 ? [] : block(ids, clientIds.length, index)
    case 'AVG_BY_CIRCLE':
      return index === -1 ? [] : ids.filter((id) => id % clientIds.length === index)
    default:
      return undefined
  }
}

/** -1, any queue, for everybody; or the member's own block and those of as many members after it as are to share. */
function poppedQueues(request: AssignmentRequest, share: number): readonly number[] {
  const { queues, clientIds, clientId } = request
  const index = clientIds.indexOf(clientId)
  if (index === -1) return []
  if (share <= 0 || share >= clientIds.length - 1) return [-1]
  if (clientIds.length > queues) return [index % queues]
  const ids = Array.from({ length: queues }, (_, id) => id)
  return Array.from({ length: share + 1 }, (_, next) => (index + next) % clientIds.length).flatMap((member) =>
    block(ids, clientIds.length, member),
  )
}

function block(ids: readonly number[], members: number, index: number): readonly number[] {
  const rest = ids.length % members
  const size = Math.floor(ids.length / members) + (index < rest ? 1 : 0)
  const start = index * Math.floor(ids.length / members) + Math.min(index, rest)
  return ids.slice(start, start + size)
}
