import { type Diagnosis, groupDetails } from '../../core/admin/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { invokeOptions } from '../invoke-options.ts'

/** Members asked for their stacks at most: to tell it stops all of a member's threads for a moment. */
const MAX_MEMBERS = 4

/** Asks the members of stuck queues of a group what they do (307), by client id; those that do not tell are left out. */
export async function stacksOf(
  group: string,
  findings: readonly Diagnosis[],
  { context, connection }: { readonly context: CommandContext; readonly connection: Connection },
): Promise<ReadonlyMap<string, string>> {
  const stuck = findings.filter(({ id }) => id === 'D08').flatMap(({ member }) => member ?? [])
  const stacks = new Map<string, string>()
  const asked = [...new Set(stuck)].slice(0, MAX_MEMBERS).map(async (clientId) => {
    const request = { group: connection.wireName(group), clientId, stack: true }
    const { members } = await groupDetails(connection.client, request, invokeOptions(context))
    const stack = members[0]?.info?.jstack
    if (stack !== undefined) stacks.set(clientId, consumingStack(stack))
  })
  await Promise.all(asked)
  return stacks
}

/** How Java names the threads that call listeners (`ConsumeMessageConcurrentlyService`, `…OrderlyService`). */
const CONSUMING = /^(?:Consume|Pop)MessageThread_/

/** Of the threads of a Java member those that consume and are at work; of other members all they tell. */
export function consumingStack(text: string): string {
  const threads = text
    .split(/\r?\n\s*\r?\n/)
    .map((thread) => thread.trim())
    .filter((thread) => CONSUMING.test(thread))
  if (threads.length === 0) return text.trimEnd()
  const busy = threads.filter((thread) => !thread.includes('ThreadPoolExecutor.getTask'))
  return busy.map(withoutNames).join('\n\n') || 'none of its consuming threads is at work'
}

/** Java puts the name of the thread before every frame (`UtilAll#jstack`). */
function withoutNames(thread: string): string {
  const [first = '', ...frames] = thread.split(/\r?\n/)
  const name = /^\S+/.exec(first)?.[0] ?? ''
  const shown = frames.map(
    (frame) => `    at ${frame.startsWith(name) ? frame.slice(name.length).trim() : frame.trim()}`,
  )
  return [first.replaceAll(/\s+/g, ' '), ...shown].join('\n')
}
