import { ResponseCode } from '../protocol/index.ts'
import { ResponseFailure } from './reply.ts'

/** The attributes a topic may have, with the values each may take where those are few (`TopicAttributes.java`). */
const known: ReadonlyMap<string, readonly string[] | undefined> = new Map([
  ['message.type', ['UNSPECIFIED', 'NORMAL', 'FIFO', 'DELAY', 'TRANSACTION']],
  ['cleanup.policy', ['DELETE']],
  ['queue.type', ['SimpleCQ']],
  ['reserve.time', undefined],
])

/**
 * Attributes after a change written as `+name=value,-name` (`AttributeUtil#alterCurrentAttributes`). Throws SYSTEM_ERROR for
 * one this broker does not have.
 */
export function changeAttributes(current: ReadonlyMap<string, string>, change: string): ReadonlyMap<string, string> {
  const changed = new Map(current)
  for (const part of change.split(',').filter((text) => text !== '')) {
    const [, sign, name = '', value] = /^([+-])([^=]+)(?:=(.*))?$/.exec(part) ?? []
    if (!known.has(name) || (sign === '+') === (value === undefined)) throw refused(part)
    if (value === undefined) changed.delete(name)
    else if (known.get(name)?.includes(value) === false) throw refused(part)
    else changed.set(name, value)
  }
  return changed
}

function refused(part: string): ResponseFailure {
  return new ResponseFailure(ResponseCode.SYSTEM_ERROR, `unsupported topic attribute: ${part.slice(0, 200)}`)
}
