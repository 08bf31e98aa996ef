import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { jsonDocument } from '../output/json.ts'
import { documentHead, listText } from '../output/list.ts'
import { stdoutWriter } from '../stdout.ts'
import { planColumns, planNotes, planTitle } from './plan-presenter.ts'
import type { PreparedReset } from './prepare-reset.ts'
import { resetJson } from './reset-json.ts'

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
  readonly flags: { readonly json: boolean }
}

/** Shows a plan: its queues on stdout, unless JSON is to go there; what is said of it on stderr. */
export async function showPlan(plan: PreparedReset, { context, flags }: Parts): Promise<void> {
  context.say(planTitle(plan))
  if (!flags.json && plan.rows.length > 0) {
    const list = { name: 'queues', items: plan.rows, columns: planColumns }
    await stdoutWriter().write(await listText(list, 'table', context))
  }
  for (const line of planNotes(plan)) context.say(line)
}

/** Shows a plan that is not carried out now. */
export async function sayPlanOnly(plan: PreparedReset, parts: Parts): Promise<void> {
  await showPlan(plan, parts)
  if (!parts.flags.json) return
  const body = resetJson(plan, { applied: false, verified: [], undo: null }, parts.connection)
  await stdoutWriter().write(`${jsonDocument({ ...documentHead(parts.context), ...body })}\n`)
}
