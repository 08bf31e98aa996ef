import { UsageError } from '../../core/errors.ts'
import type { SendPlan } from './sender.ts'
import type { MessageTemplate } from './template.ts'

/** The flags that say how messages travel. */
export interface PlanFlagValues {
  readonly batch: number | undefined
  readonly rate: number | undefined
  readonly oneway: boolean
}

/** How messages travel. Throws UsageError for what cannot go together. */
export function checkPlan(
  flags: PlanFlagValues,
  template: Pick<MessageTemplate, 'delayLevel'>,
): Pick<SendPlan, 'batch' | 'rate' | 'oneway'> {
  const { batch = 1, rate, oneway } = flags
  if (batch > 1 && oneway) throw new UsageError('--batch and --oneway cannot be used together')
  if (batch > 1 && template.delayLevel !== undefined) {
    throw new UsageError('delayed messages cannot travel in batches: leave out --batch')
  }
  return { batch, rate, oneway }
}
