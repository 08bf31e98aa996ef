import {
  type AppliedToBroker,
  changedSettings,
  type GroupChange,
  type GroupSettings,
  groupSettingNames,
  type WantedSettings,
} from '../../core/admin/index.ts'
import { confirm } from '../confirm.ts'
import { ExitCode } from '../error-report.ts'
import { jsonDocument } from '../output/json.ts'
import { documentHead } from '../output/list.ts'
import { stdoutWriter } from '../stdout.ts'
import { sayApplied } from './applied.ts'
import type { GroupParts, GroupToChange } from './find-group.ts'

/** What to change of a group, and how it is told. */
export interface GroupChangeRequest {
  readonly wanted: WantedSettings
  /** What is asked before. */
  readonly question: string
  /** What else there is to know of the plan, a line each. */
  readonly notes: readonly string[]
  /** What is said when it is so already. */
  readonly already: string
  /** The command that undoes it; by default one with what was there before. */
  readonly undo?: string
}

/**
 * Shows what would change of a group on each broker, asks, carries it out everywhere and reads it back. Everything that is
 * not to change stays as it is. Resolves to the exit code: 6 when a broker did not do it.
 */
export async function changeGroup(
  request: GroupChangeRequest,
  target: GroupToChange,
  parts: GroupParts,
): Promise<number> {
  const { context } = parts
  const { name, group, admin, found } = target
  const plan = admin.plan(group, request.wanted, found)
  const changes = plan.filter(({ effect }) => effect !== 'same')
  const lines = [...changes.map((change) => planLine(name, change)), ...request.notes]
  for (const line of changes.length === 0 ? [request.already] : lines) context.say(line)
  const harmless = changes.every(({ before }) => before === undefined) && !found.known
  const flags = { ...parts.flags, yes: parts.flags.yes || harmless }
  const go = changes.length > 0 && (await confirm({ question: request.question, name }, flags, parts))
  const applied = go ? await admin.apply(changes) : []
  const words = {
    done: harmless ? 'created' : 'changed',
    notDone: 'it reads back otherwise: its version may not have such a setting',
  }
  const code = go ? sayApplied(applied, words, context) : ExitCode.DONE
  if (go) context.say(`to undo it: ${request.undo ?? undoCommand(name, changes)}`)
  await printJson(name, plan, { applied, parts })
  return code
}

function planLine(name: string, { master, before, after }: GroupChange): string {
  const where = `${master.brokerName} (${master.cluster})`
  if (before === undefined) {
    const fresh = groupSettingNames.map((setting) => `${setting}=${String(after[setting])}`)
    return `${where}: create ${name} with ${fresh.join(' ')}`
  }
  const texts = changedSettings(before, after).map((setting) => {
    return `${setting} from ${String(before[setting])} to ${String(after[setting])}`
  })
  return `${where}: change ${texts.join(', ')}`
}

/** What puts a group back; brokers that differed before cannot be told apart by a command. */
function undoCommand(name: string, changes: readonly GroupChange[]): string {
  const commands = changes.map(({ before, after }) => {
    if (before === undefined) return `mq groups delete -g ${name}`
    const sets = changedSettings(before, after).map((setting) => `--set ${setting}=${String(before[setting])}`)
    return `mq groups config -g ${name} ${sets.join(' ')}`
  })
  const [only = '', ...others] = new Set(commands)
  return others.length === 0 ? only : `${only} (the brokers had not all the same before)`
}

async function printJson(
  name: string,
  plan: readonly GroupChange[],
  { applied, parts }: { readonly applied: readonly AppliedToBroker[]; readonly parts: GroupParts },
): Promise<void> {
  if (!parts.flags.json) return
  const brokers = plan.map(({ master, before, after, effect }) => {
    const done = applied.find((one) => one.master === master)
    return {
      broker: master.brokerName,
      cluster: master.cluster,
      effect,
      before: before === undefined ? null : settingsJson(before),
      after: settingsJson(after),
      applied: done !== undefined,
      verified: done?.verified ?? null,
    }
  })
  const document = { ...documentHead(parts.context), group: name, brokers, applied: applied.length > 0 }
  await stdoutWriter().write(`${jsonDocument(document)}\n`)
}

/** The settings of a group as JSON shows them. */
export function settingsJson(settings: GroupSettings): Readonly<Record<string, boolean | number>> {
  return Object.fromEntries(groupSettingNames.map((name) => [name, settings[name]]))
}
