import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.ts'
import { isScreenPossible, type ShowScreen } from '../cli/dashboard/screen.ts'
import { demo } from '../cli/demo/demo.ts'
import { liveDemo } from '../cli/demo/live-demo.ts'
import { durationFlag } from '../cli/flag-types.ts'
import { stdoutWriter } from '../cli/stdout.ts'
import { OutputClosedError } from '../cli/stdout-writer.ts'

/** Loaded late: it is heavy. */
const show: ShowScreen = async (options) => (await import('../ui/index.ts')).showDashboard(options)

/** `mq demo` */
export default class Demo extends BaseCommand {
  static override summary = 'see it work: a broker, a producer of orders and consumers, all in this process'
  static override description =
    'On a terminal it draws three consumers: a slow one, one that fails some orders, and one that joins after ten seconds. Nothing is installed, written or left behind. The last line says how many orders were consumed.'
  static override examples = ['<%= config.bin %> demo', '<%= config.bin %> demo --for 10s']
  static override flags = {
    for: durationFlag({ helpValue: '10s', summary: 'stop after so long (until it is stopped)' }),
    plain: Flags.boolean({ summary: 'lines instead of a drawing (default where there is no terminal)' }),
    ascii: Flags.boolean({ summary: 'draw with ASCII only' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Demo)
    const context = this.begin(flags)
    const writer = stdoutWriter()
    try {
      const request = { forMs: flags.for, print: (line: string) => writer.write(`${line}\n`) }
      if (flags.plain || !isScreenPossible(context)) await demo(request, context)
      else await liveDemo({ ...request, ascii: flags.ascii, show }, context)
    } catch (error) {
      if (!(error instanceof OutputClosedError && error.readerGone)) throw error
    }
    this.exitInterrupted()
  }
}
