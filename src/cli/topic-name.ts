import { UsageError } from '../core/errors.ts'
import { checkTopicName, isSystemTopic } from '../core/protocol/index.ts'

/** Throws UsageError for a topic nobody but the broker may write, or whose name no broker accepts; asks nobody. */
export function checkOwnTopic(name: string): void {
  checkTopicName(name)
  if (isSystemTopic(name)) throw new UsageError(`${name} is a topic of the broker itself; choose another name`)
}
