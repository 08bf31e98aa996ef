import { type AppliedChange, TopicAdmin, type TopicChange } from '../core/admin/index.ts'
import { RocketMQError } from '../core/errors.ts'
import { checkTopicName } from '../core/protocol/index.ts'
import type { CommandContext } from './command-context.ts'
import { confirm, type WriteFlagValues } from './confirm.ts'
import type { Connection } from './connect.ts'
import { ExitCode } from './error-report.ts'
import { invokeOptions } from './invoke-options.ts'
import { jsonDocument } from './output/json.ts'
import { documentHead } from './output/list.ts'
import { stdoutWriter } from './stdout.ts'
import { planLines, settingsJson } from './topic-presenter.ts'

/** How long a name server is given to tell a new topic. */
const VISIBLE_MS = 5000

/** The topic a user wants. */
export interface TopicRequest {
  readonly name: string
  readonly queues: number | undefined
  readonly order: boolean | undefined
  readonly perm: number | undefined
  readonly clusters: readonly string[]
}

/** What it works with. */
export interface CreateTopicParts {
  readonly context: CommandContext
  readonly connection: Connection
  readonly flags: WriteFlagValues & { readonly json: boolean }
}

/**
 * Creates a topic at once where there is none; a change to one that is there is shown and confirmed first. Reads back
 * what it did, and resolves to the exit code: 6 when a broker did not do it. Rejects with UsageError for a bad name,
 * RefusedError when not confirmed.
 */
export async function createTopic(request: TopicRequest, parts: CreateTopicParts): Promise<number> {
  const { context, connection } = parts
  const topic = connection.wireName(request.name)
  checkTopicName(topic)
  const admin = new TopicAdmin(connection.client, invokeOptions(context))
  const plan = await admin.plan({ ...request, topic }, request.clusters)
  const changes = plan.filter(({ effect }) => effect !== 'same')
  for (const line of planLines(request.name, plan)) context.say(line)
  if (changes.length === 0) {
    context.say(`topic ${request.name} exists already and is as wanted: nothing to do`)
    await printOutcome({ ...parts, request, applied: [], plan })
    return ExitCode.DONE
  }
  if (!(await mayApply(request.name, changes, parts))) {
    await printOutcome({ ...parts, request, applied: [], plan })
    return ExitCode.DONE
  }
  const applied = await admin.apply(topic, plan)
  const code = exitCode(applied)
  for (const line of outcomeLines(applied)) context.say(line)
  const visible = await admin.visible(topic, succeeded(applied), context.deadline.remainingMs() ?? VISIBLE_MS)
  if (!visible) context.say('the name server does not tell it yet; clients see it within 30 s')
  await printOutcome({ ...parts, request, applied, plan })
  return code
}

/** A new topic takes nothing from anybody; a change does. */
async function mayApply(name: string, changes: readonly TopicChange[], parts: CreateTopicParts): Promise<boolean> {
  const harmless = changes.every(({ effect }) => effect === 'create')
  const flags = { ...parts.flags, yes: parts.flags.yes || harmless }
  return confirm({ question: 'Change the topic?', name }, flags, parts)
}

function succeeded(applied: readonly AppliedChange[]): TopicChange[] {
  return applied.filter(({ verified }) => verified).map(({ change }) => change)
}

function outcomeLines(applied: readonly AppliedChange[]): string[] {
  return applied
    .filter(({ change, verified }) => change.effect !== 'same' || !verified)
    .map(({ change, verified, error, found }) => {
      const { brokerName } = change.master
      if (error) return `${brokerName}: failed: ${error.message}`
      if (verified) return `${brokerName}: ${change.effect === 'create' ? 'created' : 'changed'}`
      return `${brokerName}: took the request but ${found ? 'has other settings' : 'has no such topic'}`
    })
}

function exitCode(applied: readonly AppliedChange[]): number {
  const failed = applied.filter(({ verified }) => !verified)
  if (failed.length === 0) return ExitCode.DONE
  // Nothing done anywhere is told as the error it is.
  const [first] = failed
  if (failed.length === applied.filter(({ change }) => change.effect !== 'same').length && first) {
    throw first.error ?? new RocketMQError('RESPONSE', `${first.change.master.brokerName} did not apply the change`)
  }
  return ExitCode.PARTIAL
}

async function printOutcome(
  parts: CreateTopicParts & {
    readonly request: TopicRequest
    readonly plan: readonly TopicChange[]
    readonly applied: readonly AppliedChange[]
  },
): Promise<void> {
  if (!parts.flags.json) return
  const { applied, context, plan, request } = parts
  const brokers = plan.map(({ master, before, after, effect }) => {
    const done = applied.find(({ change }) => change.master === master)
    const state = {
      effect,
      before: before === undefined ? null : settingsJson(before),
      after: settingsJson(after),
      applied: done !== undefined && effect !== 'same',
      verified: done?.verified ?? null,
    }
    return { broker: master.brokerName, cluster: master.cluster, ...state }
  })
  const document = { ...documentHead(context), topic: request.name, brokers, applied: applied.length > 0 }
  await stdoutWriter().write(`${jsonDocument(document)}\n`)
}
