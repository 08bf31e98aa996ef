import type { TopicRoute } from '../../core/client/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import type { Pictures } from '../dashboard/screen.ts'
import type { ConsumeSettings } from './consume-settings.ts'
import type { Printing } from './print.ts'
import type { Stopping } from './stopping.ts'
import type { Tally } from './summary.ts'

/** What the two ways of consuming work with. */
export interface ConsumeRun {
  readonly settings: ConsumeSettings
  readonly context: CommandContext
  readonly connection: Connection
  /** As the cluster knows the topic. */
  readonly route: TopicRoute
  /** `undefined`: nothing is printed. */
  readonly printing: Printing | undefined
  readonly stopping: Stopping
  readonly tally: Tally
  /** To be called when the start is over, whatever came of it: requests are not bound to the command's time any more. */
  readonly begin: () => void
  /** Draws on the terminal until somebody quits or the signal aborts, if that is wanted. */
  readonly draw?: ((pictures: Pictures, signal: AbortSignal) => Promise<void>) | undefined
}
